"""Names of recipients and texts of questions are translated beside their originals."""

import tomllib
from typing import Any

from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Turn
from conversations.core.events import TextSent
from conversations.core.replies import PersistentButton, Toast
from conversations.editing.changes.block_codes import code_of
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.edits.translation_marks import changed_texts
from tests.conversations.editing.bench import (
    LONGEST_SLUG,
    Bench,
    buttons_of,
    sample,
    texts_of,
    with_question,
)

CHIEF, MAYOR, VICAR = (code_of("targets", each) for each in ("chief-executive", "mayor", "vicar"))
TABLE = (
    b"id;name;name_es;address;country;languages;for_countries\n"
    b"mayor;the Mayor;el Alcalde;mayor@city-hk.example;HK;en;MO\n"
    b'vicar;"the Vicar; of Bray";;vicar@church-hk.example;HK;en;TW\n'
)


def with_content(**content: bytes) -> Bench:
    bench = Bench()
    bench.files = CampaignFiles(LONGEST_SLUG, {**sample().content, **content})
    return bench


def opens(bench: Bench, action: EditAction, language: str, part: str = "", page: int = 1) -> Turn:
    return bench.press(PersistentButton("", EditButton(action, LONGEST_SLUG, language, part, page)))


def presses(bench: Bench, turn: Turn, label: str) -> Turn:
    (button,) = [e for e in buttons_of(turn) if e.label == label]
    assert isinstance(button, PersistentButton)
    return bench.press(button)


def types(bench: Bench, text: str) -> list[str]:
    return texts_of(bench.answer(TextSent(text)))


def labels(turn: Turn) -> list[str]:
    return [each.label for each in buttons_of(turn)]


def facts_of(bench: Bench) -> dict[str, Any]:
    return tomllib.loads(bench.files.text("campaign.toml")[0])


def marks(bench: Bench, language: str) -> list[str]:
    return list(changed_texts(bench.files.text(f"{language}.md")[0]))


def test_a_name_becomes_outdated_with_its_original_and_is_translated_first() -> None:
    bench = Bench()
    opens(bench, EditAction.PART, "en", f"{CHIEF}.name")
    types(bench, "Governor")
    assert marks(bench, "es") == marks(bench, "fr") == ["targets.chief-executive.name"]
    turn = opens(bench, EditAction.TRANSLATE, "")
    assert "Español · 1" in labels(turn)
    turn = presses(bench, turn, "Español · 1")
    assert labels(turn)[:2] == ["Governor: Name", "✓ Label"]
    turn = presses(bench, turn, "Governor: Name")
    (shown,) = texts_of(turn)
    assert shown.startswith("Governor: Name (English)\n\nGovernor\n\n")
    assert "Governor: Name (Español)\n\n" in shown
    assert labels(turn) == ["Still correct", "Back"]
    saved, *_ = types(bench, "Gobernador")
    assert saved.startswith("✓ Saved: Governor: Name (Español).")
    assert "This translation is complete." in saved
    assert facts_of(bench)["targets"][0]["name"]["es"] == "Gobernador"
    assert (marks(bench, "es"), len(marks(bench, "fr"))) == ([], 1)


def test_still_correct_and_changed_back() -> None:
    bench = Bench()
    original = facts_of(bench)["targets"][0]["name"]["en"]
    opens(bench, EditAction.PART, "en", f"{CHIEF}.name")
    types(bench, "Governor")
    turn = opens(bench, EditAction.SECTION, "es", f"{CHIEF}.name")
    assert "This translation is complete." in texts_of(presses(bench, turn, "Still correct"))[0]
    assert (marks(bench, "es"), len(marks(bench, "fr"))) == ([], 1)
    opens(bench, EditAction.PART, "en", f"{CHIEF}.name")
    types(bench, original)
    assert (len(marks(bench, "es")), marks(bench, "fr")) == (1, [])


def test_questions_are_translated() -> None:
    bench = with_content(**{"campaign.toml": with_question()})
    opens(
        bench, EditAction.PART, "en", f"{code_of('questions', 'the-question-with-a-long-id')}.text"
    )
    types(bench, "Which of these?")
    turn = opens(bench, EditAction.TRANSLATE, "es")
    assert labels(turn)[0] == "Topic: Question"
    (shown,) = texts_of(presses(bench, turn, labels(turn)[0]))
    assert "Which of these?" in shown
    types(bench, "¿Cuál de estos?")
    question = facts_of(bench)["questions"][0]
    assert question["text"]["es"] == "¿Cuál de estos?"
    every = [
        label
        for page in range(1, 8)
        for label in labels(opens(bench, EditAction.TRANSLATE, "es", page=page))
    ]
    named = [each for each in dict.fromkeys(every) if "Topic" in each]
    assert named == [
        "✓ Topic: Label",
        "✓ Topic: Question",
        "✓ Topic: Purpose",
        "✓ Topic: Option",
    ]


def test_names_of_the_table() -> None:
    bench = with_content(**{"targets.csv": TABLE})
    turn = opens(bench, EditAction.GROUP, "", "targets")
    assert labels(turn)[:5] == [
        *("Add a recipient…", "Defaults of the table", "Remove targets.csv…"),
        *("Chief Executive, Government…", "the Mayor"),
    ]
    turn = presses(bench, turn, "the Mayor")
    assert texts_of(turn) == ["the Mayor: Name\n\nIn which language?"]
    assert all(each.startswith("✓ ") for each in labels(turn)[:5])
    turn = presses(bench, turn, "✓ Español")
    assert "el Alcalde" in texts_of(turn)[0]
    assert types(bench, "la Alcaldesa")[0] == "the Mayor: Name: la Alcaldesa"
    rows = bench.files.text("targets.csv")[0].splitlines()
    assert rows[1] == "mayor;the Mayor;la Alcaldesa;mayor@city-hk.example;HK;en;MO"
    assert rows[2].startswith('vicar;"the Vicar; of Bray";;vicar@church-hk.example')
    opens(bench, EditAction.PART, "en", f"{MAYOR}.name")
    types(bench, "the Mayoress")
    turn = opens(bench, EditAction.TRANSLATE, "es")
    assert labels(turn)[0] == "the Mayoress: Name"
    presses(bench, turn, "the Mayoress: Name")
    types(bench, "la Alcaldesa")
    assert marks(bench, "es") == []


def test_a_new_language_lacks_the_names() -> None:
    bench = with_content(**{"targets.csv": TABLE.replace(b"id;name;", b"id;name_en;")})
    opens(bench, EditAction.ADD_LANGUAGE, "")
    types(bench, "Deutsch")
    every = [
        label
        for page in range(1, 9)
        for label in labels(opens(bench, EditAction.TRANSLATE, "de", page=page))
    ]
    assert {
        "Chief Executive, Government…: Name",
        "the Mayor: Name",
        "the Vicar; of Bray: Name",
    } <= {*every}
    opens(bench, EditAction.SECTION, "de", f"{VICAR}.name")
    types(bench, "Vikar")
    assert "name_de" in bench.files.text("targets.csv")[0].splitlines()[0]
    assert "de" not in facts_of(bench)["languages"]


def test_a_name_is_edited_in_every_language() -> None:
    bench = Bench()
    turn = presses(bench, opens(bench, EditAction.GROUP, "", CHIEF), "Name")
    assert texts_of(turn) == ["Chief Executive, Government…: Name\n\nIn which language?"]
    presses(bench, turn, "✓ Español")
    types(bench, "Jefe")
    assert facts_of(bench)["targets"][0]["name"]["es"] == "Jefe"


def test_a_table_is_removed_after_a_question() -> None:
    bench = with_content(**{"targets.csv": TABLE, "areas.csv": b"prefix,area\n1,North\n"})
    turn = presses(bench, opens(bench, EditAction.GROUP, "", "targets"), "Remove targets.csv…")
    assert texts_of(turn)[0].startswith("Remove targets.csv with all its rows?")
    assert labels(turn) == ["Yes, remove it", "No, go back"]
    removed = presses(bench, turn, "Yes, remove it")
    assert texts_of(removed)[0].startswith("✓ Removed: targets.csv. Supporters see it once")
    assert "targets.csv" not in bench.files.content
    again = presses(bench, turn, "Yes, remove it")
    assert (again.effects, again.replies) == ((), (Toast("That’s no longer there."),))
    turn = presses(bench, opens(bench, EditAction.GROUP, "", "targets"), "Remove areas.csv…")
    presses(bench, turn, "Yes, remove it")
    assert bench.files.content == sample().content


def test_a_table_that_changed_since_the_question_stays() -> None:
    bench = with_content(**{"targets.csv": TABLE})
    turn = presses(bench, opens(bench, EditAction.GROUP, "", "targets"), "Remove targets.csv…")
    opens(bench, EditAction.PART, "en", f"{MAYOR}.name")
    types(bench, "the Mayoress")
    stale = presses(bench, turn, "Yes, remove it")
    assert (stale.effects, stale.replies) == ((), (Toast("That’s no longer there."),))


def test_the_check_says_what_is_missing_without_the_table() -> None:
    bench = Bench()
    content = sample().content
    toml = content["campaign.toml"].decode().partition("[[targets]]")[0]
    bench.files = CampaignFiles(
        LONGEST_SLUG, {**content, "campaign.toml": toml.encode(), "targets.csv": TABLE}
    )
    turn = presses(bench, opens(bench, EditAction.GROUP, "", "targets"), "Remove targets.csv…")
    (said,) = texts_of(presses(bench, turn, "Yes, remove it"))
    assert (
        "To fix before it can be published:\n"
        "• Recipients: There is nobody to write to. Add a block [[targets]], or targets.csv."
    ) in said
    assert "Add a recipient…" in labels(opens(bench, EditAction.GROUP, "", "targets"))
