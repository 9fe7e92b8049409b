"""Each mistake in a campaign's reminder letter is told with its place and its fix."""

from pathlib import Path

import pytest

from conversations.model.mistakes import Mistake
from tests.conversations.folders import EN, PT, TOML, edit, found, noted

ASKS = 'ask_after_days = 14\nreply_to = "supporter"'
GOOD = "# Reminder\n\nDear {target}, please answer. {name}, {country}"


def adds(folder: Path, file: str, text: str) -> None:
    edit(folder, file, "# Subject\n", f"{text}\n\n# Subject\n")


@pytest.fixture
def asks(folder: Path) -> Path:
    """The river's campaign, which asks about answers."""
    edit(folder, TOML, 'reply_to = "organisation"', ASKS)
    return folder


def test_a_reminder_with_a_subject(asks: Path) -> None:
    for file in (EN, PT):
        adds(asks, file, f"{GOOD}\n\n# Reminder subject\n\nAgain: {{target}}")
    assert found(asks) == []


@pytest.mark.parametrize(
    ("text", "where", "what", "fix"),
    [
        (
            "# Reminder subject\n\nAgain",
            ":29",
            "“Reminder subject” has no letter.",
            "Add one under a heading: # Reminder",
        ),
        (
            "# Reminder\n\nDear {target}",
            ":29",
            "“Reminder” is missing {name}.",
            "Add it where it belongs.",
        ),
        (
            f"{GOOD}\n\n# Reminder subject\n\nAgain,\nplease",
            ":33",
            "“Reminder subject” has several lines.",
            "Put it on one line.",
        ),
        (
            f"{GOOD}\n\n# Reminder subject\n\nAgain, {{demands}}",
            ":33",
            "“Reminder subject” uses the unknown placeholder {demands}.",
            "Possible values: name, country, target, organisation",
        ),
    ],
)
def test_a_reminder_that_cannot_be_offered(
    asks: Path, text: str, where: str, what: str, fix: str
) -> None:
    adds(asks, EN, text)
    assert (f"river/{EN}{where}", what, fix) in found(asks)


def test_every_language_has_the_reminder(asks: Path) -> None:
    adds(asks, EN, GOOD)
    missing = "The reminder letter is missing; other languages have one."
    fix = "Add it under a heading: # Reminder"
    assert (f"river/{PT}", missing, fix) in found(asks)


def test_a_reminder_and_the_question_belong_together(folder: Path) -> None:
    for file in (EN, PT):
        adds(folder, file, GOOD)
    unused = "Nobody is offered the reminder letter, since nobody is asked about an answer."
    fix = "Set ask_after_days, or remove it."
    assert Mistake(unused, fix, f"river/{EN}:29", is_error=False) in noted(folder)


def test_a_question_without_a_reminder_is_warned_of(asks: Path) -> None:
    lacking = "Supporters without an answer can't write again: there is no reminder letter."
    fix = "Add a shorter letter under a heading: # Reminder"
    assert Mistake(lacking, fix, f"river/{EN}", is_error=False) in noted(asks)
    assert found(asks) == []
