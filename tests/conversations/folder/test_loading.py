"""A campaign's folder: what is fine in it, its translations, and what editors know of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli.setup.campaign_folders import create_campaign
from conversations.folder.edits.translation_marks import with_changed_texts
from conversations.folder.loading import json_schema, load_campaign, mark_translations_current
from conversations.model.campaigns.campaign import Campaign, CampaignFile
from conversations.model.letters.letter import Signature, compose, translation
from conversations.model.mistakes import Mistake
from tests.conversations.folders import (
    EN,
    PT,
    STORY,
    TOML,
    edit,
    noted,
)
from tests.conversations.play import HONG_KONG, OTHERS, RIVER, SAMPLES

MARIA = Signature("Maria Silva", "PT", "maria@mail.example", "en", 0)


# --- what is fine -------------------------------------------------------------------------------


def with_mark(content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content


def with_crlf(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("written", [with_mark, with_crlf, lambda c: with_mark(with_crlf(c))])
def test_marks_and_line_ends_of_any_editor_change_nothing(
    folder: Path, written: Callable[[bytes], bytes]
) -> None:
    for name in (TOML, EN, PT):
        (folder / name).write_bytes(written((folder / name).read_bytes()))
    assert load_campaign(folder).campaign == RIVER
    assert noted(folder) == []


def test_typographic_quotes_are_taken_for_straight_ones(folder: Path) -> None:
    edit(folder, TOML, 'slug = "river"', "slug = “river”")
    edit(folder, TOML, '["en", "pt"]', "[“en”, „pt“]")
    assert load_campaign(folder).campaign == RIVER


def test_the_version_tells_any_change_that_is_shown(folder: Path) -> None:
    edit(folder, EN, STORY, "For four")
    changed = load_campaign(folder).campaign
    assert changed is not None
    assert changed.version != RIVER.version


# --- translations ---------------------------------------------------------------------------------


def test_an_outdated_translation_is_told_until_it_is_stamped(folder: Path) -> None:
    edit(folder, EN, STORY, "For four")
    assert noted(folder) == [
        Mistake(
            "en.md has changed since this was translated.",
            "Update the translation, then run: actionbot campaign stamp river",
            "river/pt.md",
            is_error=False,
        )
    ]
    assert mark_translations_current(folder) == (folder / PT,)
    assert noted(folder) == []
    assert mark_translations_current(folder) == ()


def test_an_older_name_is_named_until_the_translation_is_stamped(folder: Path) -> None:
    mark_translations_current(folder)
    path = folder / PT
    noted_names = with_changed_texts(path.read_text("utf-8"), {"targets.ministry.name": "0" * 8})
    path.write_text(noted_names, "utf-8")
    mistakes = load_campaign(folder).mistakes
    assert (
        Mistake(
            "Its names or questions are older than the original: targets.ministry.name.",
            "Update them, then run: actionbot campaign stamp river",
            "river/pt.md",
            is_error=False,
        )
        in mistakes
    )
    assert mark_translations_current(folder) == (path,)
    assert not any("older than" in each.problem for each in load_campaign(folder).mistakes)
    assert mark_translations_current(folder) == ()


def test_the_letter_goes_in_a_language_its_target_reads_and_is_translated_to_be_read() -> None:
    sent, read = compose(RIVER, MARIA), translation(RIVER, MARIA)
    assert (sent.language, sent.target_id) == ("pt", "ministry")
    assert read is not None
    assert read.language == "en"
    assert compose(RIVER, replace(MARIA, country="BR")).target_id == "embassy-brazil"
    assert translation(HONG_KONG, MARIA) is None


# --- a folder to start from, and the code ---------------------------------------------------------


def test_a_new_campaign_is_right_and_names_the_schema_beside_it(tmp_path: Path) -> None:
    home = create_campaign(tmp_path, "my-first")
    assert load_campaign(home).mistakes == ()
    first = (home / TOML).read_text(encoding="utf-8").splitlines()[0]
    named = first.removeprefix("#:schema ")
    assert json.loads((home / named).read_text(encoding="utf-8")) == json.loads(json_schema())


@pytest.mark.parametrize(
    "home", [SAMPLES / "hong-kong", OTHERS / "river"], ids=lambda each: each.name
)
def test_our_campaigns_name_the_schema_as_it_is_now(home: Path) -> None:
    """CONTRIBUTING.md says how it is written anew."""
    first = (home / TOML).read_text(encoding="utf-8").splitlines()[0]
    named = home / first.removeprefix("#:schema ")
    assert named.read_text(encoding="utf-8") == json_schema()


def test_the_schema_knows_every_key_and_no_other() -> None:
    shape = json.loads(json_schema())
    assert set(shape["properties"]) == set(CampaignFile.model_fields)
    assert shape["additionalProperties"] is False


@pytest.mark.parametrize("campaign", [HONG_KONG, RIVER], ids=lambda campaign: campaign.slug)
def test_no_campaign_text_stands_in_the_code(campaign: Campaign) -> None:
    said = [campaign.organisation, campaign.contact, campaign.official_page]
    for texts in campaign.texts.values():
        said += [texts.title, *texts.subjects, texts.demands.splitlines()[0], texts.share]
    root = SAMPLES.parents[1]
    code = [
        path
        for room in ("bot", "conversations", "storage")
        for path in (root / room).rglob("*")
        if path.suffix in (".py", ".js", ".html", ".po", ".md", ".toml")
        and not path.is_relative_to(SAMPLES)
    ]
    assert len(code) > 100
    for path in code:
        content = path.read_text(encoding="utf-8")
        assert [words for words in said if words in content] == [], path
