"""In which languages a mail to the owner of an address is written, and its subject."""

import pytest

from conversations.journey.owner_mails import (
    MAX_SUBJECT_LENGTH,
    OwnerMailKind,
    compose,
    languages,
)
from conversations.model.campaigns.campaign import Campaign
from conversations.text.languages import offered
from tests.conversations.play import HONG_KONG, RIVER

_RULE = "\n\n----------\n\n"


def written_in(*tags: str, fallback: str | None = None) -> Campaign:
    texts = {tag: RIVER.texts["en"] for tag in tags}
    return RIVER.model_copy(update={"languages": tags, "texts": texts, "fallback": fallback})


@pytest.mark.parametrize(
    ("campaigns", "of_code", "chosen"),
    [
        ([], "", ("en",)),
        ([RIVER], "", ("en", "pt")),
        ([RIVER], "pt", ("pt", "en")),
        ([RIVER], "ja", ("ja", "en", "pt")),
        ([RIVER], "pt-BR", ("pt", "en")),
        ([written_in("de")], "", ("de", "en")),
        ([written_in("de", "fr", "it", "es", "en")], "", ("de", "fr", "it", "en")),
        ([written_in("de", "fr"), written_in("fr")], "", ("fr", "de", "en")),
        ([written_in("de", "fr", "it")], "ja", ("ja", "de", "fr", "en")),
        ([HONG_KONG], "zh-Hant", ("zh-Hant", "en", "zh-Hans", "es")),
    ],
)
def test_the_supporters_language_and_those_of_the_campaigns(
    campaigns: list[Campaign], of_code: str, chosen: tuple[str, ...]
) -> None:
    assert languages(campaigns, of_code) == chosen


def test_a_language_without_a_catalogue_gives_way_to_the_fallback() -> None:
    assert languages([written_in("sw", fallback="fr")], "sw") == ("fr", "en")
    assert languages([written_in("sw")]) == ("en",)


def test_each_language_is_a_block_of_its_own() -> None:
    mail = compose(OwnerMailKind.ASK, ("zh-Hant", "en", "ar"))
    assert mail.subject == "驗證碼是你要求的嗎？ / Did you ask for our code?"
    chinese, english, arabic = mail.text.split(_RULE)
    assert chinese.startswith("你好")
    assert english.startswith("Hello,\n\nYou replied to our email with a code.")
    assert arabic.startswith("مرحبًا")
    assert mail.languages == "zh-Hant, en, ar"


def test_a_subject_that_is_too_long_for_one_line_is_in_the_first_language() -> None:
    mail = compose(OwnerMailKind.DONE, ("id", "vi", "en"))
    assert mail.subject == "Anda tidak akan menerima email lagi dari kami"


@pytest.mark.parametrize("kind", OwnerMailKind)
@pytest.mark.parametrize("first", offered())
def test_a_subject_fits_into_one_line(kind: OwnerMailKind, first: str) -> None:
    for second in offered():
        assert len(compose(kind, (first, second)).subject) <= MAX_SUBJECT_LENGTH
