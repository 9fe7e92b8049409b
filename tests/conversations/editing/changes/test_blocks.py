"""Recipients and questions are added, edited and removed in the chat."""

import tomllib
from typing import Any

from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Turn
from conversations.core.events import TextSent
from conversations.core.replies import PersistentButton, Toast
from conversations.editing.changes.block_codes import code_of, option_code
from conversations.folder.campaign_files import CampaignFiles
from tests.conversations.editing.bench import (
    LONGEST_SLUG,
    TABLE,
    Bench,
    buttons_of,
    sample,
    texts_of,
    with_question,
)

LONG_ID = "the-question-with-a-long-id"
CHIEF, QUESTION = code_of("targets", "chief-executive"), code_of("questions", LONG_ID)


def facts_of(bench: Bench) -> dict[str, Any]:
    return tomllib.loads(bench.files.text("campaign.toml")[0])


def opens(bench: Bench, action: EditAction, part: str, language: str = "", page: int = 1) -> Turn:
    return bench.press(PersistentButton("", EditButton(action, LONGEST_SLUG, language, part, page)))


def presses(bench: Bench, turn: Turn, label: str) -> Turn:
    (button,) = [e for e in buttons_of(turn) if e.label == label]
    assert isinstance(button, PersistentButton)
    return bench.press(button)


def types(bench: Bench, text: str) -> list[str]:
    return texts_of(bench.answer(TextSent(text)))


def with_content(**content: bytes) -> Bench:
    bench = Bench()
    bench.files = CampaignFiles(LONGEST_SLUG, {**sample().content, **content})
    return bench


def test_a_recipient_is_added_one_question_at_a_time() -> None:
    bench = Bench()
    turn = opens(bench, EditAction.GROUP, "targets")
    assert [each.label for each in buttons_of(turn)] == [
        *("Add a recipient…", "Chief Executive, Government…", "Back")
    ]
    presses(bench, turn, "Add a recipient…")
    assert types(bench, "the Mayor of Sha Tin") == [
        "✓ Saved: New recipient.\n\nthe Mayor of Sha Tin: Address\n\nType the email address."
    ]
    (asked,) = types(bench, "mayor@shatin-hk.example")
    assert "\n\nthe Mayor of Sha Tin: Country\n\n" in asked
    (asked,) = types(bench, "Hong Kong")
    assert "\n\nthe Mayor of Sha Tin: Languages they read\n\n" in asked
    shown = types(bench, "English, zh-Hant")
    assert shown[0] == "the Mayor of Sha Tin: Languages they read: en, zh-Hant"
    assert facts_of(bench)["targets"][1] == {
        "id": "the-mayor-of-sha-tin",
        "name": {"en": "the Mayor of Sha Tin"},
        "address": "mayor@shatin-hk.example",
        "country": "HK",
        "languages": ["en", "zh-Hant"],
    }


def test_a_wrong_answer_is_asked_again() -> None:
    bench = Bench()
    opens(bench, EditAction.PART, "t+")
    types(bench, "Mayor")
    types(bench, "mayor@city-hk.example")
    assert types(bench, "Atlantis")[0].startswith("I don’t know the country “Atlantis”")
    assert "\n\nMayor: Languages they read\n\n" in types(bench, "HK")[-1]


def test_a_recipient_is_removed_but_not_the_last_one() -> None:
    bench = Bench()
    opens(bench, EditAction.PART, "t+")
    types(bench, "Mayor")
    mayor = code_of("targets", "mayor")
    turn = presses(bench, opens(bench, EditAction.GROUP, mayor, page=3), "Remove")
    assert texts_of(turn)[0].startswith("✓ Removed: mayor. Supporters see it once")
    assert bench.files.content == sample().content
    last = opens(bench, EditAction.GROUP, CHIEF, page=2)
    assert "Remove" not in [each.label for each in buttons_of(last)]


def test_a_button_means_the_same_after_a_change() -> None:
    bench = Bench()
    for name in ("Mayor", "Vicar"):
        opens(bench, EditAction.PART, "t+")
        types(bench, name)
    mayor, vicar = code_of("targets", "mayor"), code_of("targets", "vicar")
    presses(bench, opens(bench, EditAction.GROUP, mayor, page=3), "Remove")
    for action in (EditAction.GROUP, EditAction.REMOVE):
        turn = opens(bench, action, mayor)
        assert (turn.effects, turn.replies) == ((), (Toast("That’s no longer there."),))
    assert opens(bench, EditAction.PART, f"{mayor}.address").replies == (
        Toast("That’s no longer there."),
    )
    opens(bench, EditAction.PART, f"{vicar}.address")
    types(bench, "vicar@church.example")
    assert facts_of(bench)["targets"][1]["address"] == "vicar@church.example"


def test_buttons_with_a_number_do_nothing() -> None:
    bench = with_content(**{"campaign.toml": with_question(), "targets.csv": TABLE})
    for part in ("t0", "q0", "q0.o1", "t0.address"):
        for action in (EditAction.GROUP, EditAction.PART, EditAction.REMOVE):
            turn = opens(bench, action, part, "en")
            assert (turn.effects, turn.replies) == ((), (Toast("That’s no longer there."),)), part


def test_a_question_is_added_one_thing_at_a_time() -> None:
    bench = Bench()
    turn = opens(bench, EditAction.GROUP, "questions", "en")
    assert [each.label for each in buttons_of(turn)] == ["Add a question…", "Back"]
    presses(bench, turn, "Add a question…")
    assert "\n\nDistrict: Question (English)\n\n" in types(bench, "District")[-1]
    assert "\n\nDistrict: Purpose (English)\n\n" in types(bench, "Where do you live?")[-1]
    turn = bench.answer(TextSent("The letter names it."))
    assert [each.label for each in buttons_of(turn)] == [
        *("a text", "a choice", "yes or no", "a number", "a postcode", "Back")
    ]
    turn = presses(bench, turn, "a choice")
    assert texts_of(turn) == [
        "✓ Saved: District: Kind.\n\nNew option\n\n"
        "Type the text of an option. At least two are needed."
    ]
    types(bench, "Sha Tin")
    turn = bench.answer(TextSent("Tai Po"))
    (asked,) = texts_of(turn)
    assert asked.endswith("New option\n\nType one more option, or tap “Done”.")
    assert [each.label for each in buttons_of(turn)] == ["Done", "Back"]
    assert "Changed, but not published yet: District" in texts_of(presses(bench, turn, "Done"))[0]
    assert facts_of(bench)["questions"] == [
        {
            "id": "district",
            "label": {"en": "District"},
            "text": {"en": "Where do you live?"},
            "purpose": {"en": "The letter names it."},
            "kind": "choice",
            "options": {"sha-tin": {"en": "Sha Tin"}, "tai-po": {"en": "Tai Po"}},
        }
    ]


def test_a_question_is_edited_in_each_language() -> None:
    bench = with_content(**{"campaign.toml": with_question()})
    opens(bench, EditAction.PART, f"{QUESTION}.label", "es")
    types(bench, "Tema")
    turn = opens(bench, EditAction.PART, option_code(LONG_ID, "b"), "es")
    assert texts_of(turn)[0].startswith("Topic: Option (Español)\n\nForests")
    types(bench, "Bosques")
    question = facts_of(bench)["questions"][0]
    assert (question["label"]["es"], question["label"]["en"]) == ("Tema", "Topic")
    assert (question["options"]["b"]["es"], question["options"]["b"]["en"]) == (
        *("Bosques", "Forests"),
    )
    presses(bench, opens(bench, EditAction.PART, f"{QUESTION}.must", "es"), "Yes")
    assert facts_of(bench)["questions"][0]["required"] is True


def test_an_option_and_a_question_are_removed() -> None:
    bench = with_content(**{"campaign.toml": with_question()})
    turn = presses(bench, opens(bench, EditAction.PART, option_code(LONG_ID, "a"), "en"), "Remove")
    assert texts_of(turn)[0].startswith("✓ Removed: a.")
    assert list(facts_of(bench)["questions"][0]["options"]) == ["b"]
    presses(bench, opens(bench, EditAction.GROUP, QUESTION, "en", 2), "Remove")
    assert bench.files.content == sample().content


def test_defaults_of_the_table() -> None:
    bench = with_content(**{"targets.csv": TABLE})
    turn = presses(bench, opens(bench, EditAction.GROUP, "targets"), "Defaults of the table")
    assert buttons_of(turn)[0].label == "Country"
    presses(bench, turn, "Country")
    types(bench, "Hong Kong")
    assert facts_of(bench)["target_defaults"] == {"country": "HK"}


def test_how_many_recipients() -> None:
    bench = Bench()
    turn = opens(bench, EditAction.PART, "write")
    assert [each.label for each in buttons_of(turn)] == ["one", "all of theirs", "Back"]
    presses(bench, turn, "all of theirs")
    assert facts_of(bench)["write_to"] == "all"
    opens(bench, EditAction.PART, "write")
    assert types(bench, "3")[0] == "Recipients to write to: 3"
    assert facts_of(bench)["write_to"] == 3


def test_changes_and_mistakes_are_named() -> None:
    bench = Bench()
    opens(bench, EditAction.PART, "q+", "en")
    types(bench, "Phone")
    (home,) = texts_of(opens(bench, EditAction.HOME, ""))
    assert "Changed, but not published yet: Phone\n" in home
    assert "• second question" not in home
    assert "• Phone: Purpose: This key is missing." in home
