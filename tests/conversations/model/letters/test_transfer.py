"""A consent names political opinion, who receives it, and whether European law applies there."""

from pathlib import Path

import pytest

from conversations.journey.letters.letter_review import notice
from conversations.model.letters.identity import filled
from conversations.text.html import plain
from conversations.text.wording import Wording
from tests.conversations.folders import EN, TOML, edit, found
from tests.conversations.play import HONG_KONG, RIVER

GOVERNMENT = (
    "The letter shows your political opinion and takes it, with your name, to a government body in"
    " Hong Kong. European data protection law does not apply there."
)


def test_the_consent_and_the_notice_name_political_opinion_and_the_transfer() -> None:
    wording = Wording("en")
    consent = filled(HONG_KONG.texts["en"].consent, HONG_KONG, wording)
    assert GOVERNMENT in plain(consent)
    assert GOVERNMENT in plain(notice(HONG_KONG, wording))
    chinese = plain(filled(HONG_KONG.texts["zh-Hant"].consent, HONG_KONG, Wording("zh-Hant")))
    assert "這封信會表明你的政治意見，並把這些意見連同你的姓名送到位於香港的政府機構。" in chinese
    assert "歐洲的資料保護法在當地並不適用。" in chinese


@pytest.mark.parametrize(
    ("kind", "country", "end"),
    [
        ("government", "PT", "to a government body in Portugal."),
        ("company", "NO", "to a company in Norway."),
        (
            "organisation",
            "CH",
            "to an organisation in Switzerland. European data protection law does not apply there.",
        ),
    ],
)
def test_the_sentence_follows_the_target(kind: str, country: str, end: str) -> None:
    target = RIVER.targets[0].model_copy(update={"kind": kind, "country": country})
    campaign = RIVER.model_copy(update={"targets": (target,)})
    consent = plain(filled(RIVER.texts["en"].consent, campaign, Wording("en")))
    assert f"The letter shows your political opinion and takes it, with your name, {end}" in consent


@pytest.mark.parametrize(
    ("old", "new", "heading"),
    [
        ("{answers} {transfer} By", "{answers} By", "Consent"),
        ("Portugal. {transfer}", "Portugal.", "Recipient"),
    ],
)
def test_check_wants_the_sentence(folder: Path, old: str, new: str, heading: str) -> None:
    edit(folder, EN, old, new)
    (mistake,) = found(folder)
    assert mistake[1] == f"“{heading}” is missing {{transfer}}."


def test_an_unknown_kind_of_target(folder: Path) -> None:
    edit(folder, TOML, 'country = "PT"\n', 'country = "PT"\nkind = "ministry"\n')
    (mistake,) = found(folder)
    assert mistake[0].endswith("kind")
