"""What is typed becomes a value of campaign.toml, or a kind question."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.events import MediaSent, TextSent
from conversations.core.replies import PersistentButton
from conversations.editing.changes.block_codes import code_of
from conversations.editing.parts import SettingPart, find_part, value_of
from conversations.folder.campaign_files import CampaignFiles
from conversations.model.broadcast import Media, Part
from conversations.model.roles import Role
from tests.conversations.editing.bench import LONGEST_SLUG, Bench, buttons_of, texts_of

CHIEF = code_of("targets", "chief-executive")


def types(bench: Bench, code: str, text: str, language: str = "") -> list[str]:
    """Open a part, type a text, and return the answer."""
    button = EditButton(EditAction.PART, LONGEST_SLUG, language, code)
    bench.press(PersistentButton("", button))
    return texts_of(bench.answer(TextSent(text)))


@pytest.mark.parametrize(
    ("code", "typed", "value"),
    [
        ("goal", "30,000", 30000),
        ("goal", "30 000", 30000),
        ("keep", "2032-01-31", date(2032, 1, 31)),
        ("keep", "January 31, 2032", date(2032, 1, 31)),
        ("closes", "2031-06-30 18:00", datetime(2031, 6, 30, 10, tzinfo=UTC)),
        ("closes", "2031-06-30T18:00:00Z", datetime(2031, 6, 30, 18, tzinfo=UTC)),
        ("closes", "tomorrow 18:00", datetime(2027, 5, 15, 10, tzinfo=UTC)),
        ("likely", "Portugal, br\nSchweiz", ["PT", "BR", "CH"]),
        ("unread", "Español, zh-hant", ["es", "zh-Hant"]),
        ("fallback", "es", "es"),
        ("sources", "Poster, web", ["poster", "web"]),
        ("org", "  Open   Letters ", "Open Letters"),
        (f"{CHIEF}.country", "Taiwan", "TW"),
        (f"{CHIEF}.pace", "60", 60),
    ],
)
def test_a_setting_is_typed(code: str, typed: str, value: Any) -> None:
    bench = Bench()
    assert "✓ Saved: " in types(bench, code, typed)[-1]
    part = find_part(bench.files, code, "")
    assert isinstance(part, SettingPart)
    assert value_of(bench.files, part.path) == value
    assert bench.journey.awaits is None


@pytest.mark.parametrize(
    ("code", "typed", "answer"),
    [
        ("goal", "-5", "I need a whole number, such as 20000."),
        ("goal", "1e9", "I need a whole number, such as 20000."),
        ("keep", "soon", "I don’t understand that day. Try 2029-09-30."),
        ("closes", "soon", "I don’t understand that time. Try 2029-09-30 18:00."),
        ("likely", "Portugal, Narnia", "I don’t know the country “Narnia”."),
        ("unread", "Elvish", "I don’t know the language “Elvish”. Try its tag, such as pt."),
    ],
)
def test_a_wrong_value_is_asked_again(code: str, typed: str, answer: str) -> None:
    bench = Bench()
    assert types(bench, code, typed) == [answer]
    assert bench.files is bench.published
    assert bench.journey.awaits is not None


def test_choices_are_buttons() -> None:
    bench = Bench()
    button = EditButton(EditAction.PART, LONGEST_SLUG, "", "edits")
    turn = bench.press(PersistentButton("", button))
    assert [each.label for each in buttons_of(turn)] == [
        *("✓ add own words", "rewrite it freely", "none", "Back")
    ]
    chosen = buttons_of(turn)[1]
    assert isinstance(chosen, PersistentButton)
    assert texts_of(bench.press(chosen))[0] == "Supporters may change: rewrite it freely"
    assert value_of(bench.files, ("edits",)) == "free"


def test_a_second_letter_is_added_and_removed() -> None:
    bench = Bench()
    types(bench, "l+", "Dear {target},\n\n{own_words}\n\n{demands}\n\n{name}", "en")
    button = EditButton(EditAction.PART, LONGEST_SLUG, "en", "l2")
    turn = bench.press(PersistentButton("", button))
    assert texts_of(turn)[0].startswith("Letter 2 (English)\n\nDear {target},")
    remove = next(each for each in buttons_of(turn) if each.label == "Remove")
    assert isinstance(remove, PersistentButton)
    bench.press(remove)
    assert find_part(bench.files, "l2", "en") is None


def test_formatting_is_kept_and_a_voice_message_is_not_a_text() -> None:
    bench = Bench()
    button = EditButton(EditAction.PART, LONGEST_SLUG, "en", "ask")
    bench.press(PersistentButton("", button))
    voice = MediaSent("voice", Part(Media.VOICE, file_id="v"))
    assert texts_of(bench.answer(voice)) == ["Please type your answer."]
    bold = {"type": "bold", "offset": 0, "length": 5}
    bench.answer(TextSent("Write now.", (bold,)))
    assert "# Ask\n\n**Write** now.\n" in bench.files.text("en.md")[0]


def test_a_picture_is_a_photo_or_a_file() -> None:
    bench = Bench()
    bench.uploads = {"p": b"\xff\xd8\xff a photo", "t": b"a text"}
    button = EditButton(EditAction.PART, LONGEST_SLUG, "en", "picture")
    for media, file_id, answer in (
        (Media.DOCUMENT, "t", "I need a picture: PNG, JPEG or WebP."),
        (Media.PHOTO, "gone", "I couldn’t get that picture. It may be too large: up to 10 MB fit."),
        (Media.VOICE, "p", "I need a picture: PNG, JPEG or WebP."),
        (Media.PHOTO, "p", "✓ Saved: Picture. Supporters see it once it is published."),
    ):
        bench.press(PersistentButton("", button))
        said = texts_of(bench.answer(MediaSent("photo", Part(media, file_id=file_id))))
        assert said[-1].split("\n")[0] == answer
    assert value_of(bench.files, ("picture",)) == "picture.jpg"
    assert "picture.png" not in bench.files.content


def test_a_campaigner_types_too_and_a_supporter_does_not() -> None:
    assert "✓ Saved: Goal." in types(Bench(role=Role.CAMPAIGNER), "goal", "5")[-1]


def test_a_file_that_cannot_be_read_is_not_overwritten() -> None:
    bench = Bench()
    bench.files = CampaignFiles(LONGEST_SLUG, {**bench.files.content, "pt.md": b"# Label\n\xff"})
    before = bench.files
    answer = ["This is written in a way that I can’t change safely. Edit the file on the server."]
    assert types(bench, "title", "Um título", "pt") == answer
    assert bench.files is before
