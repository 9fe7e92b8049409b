"""Each mistake in a campaign's folder is told with its place and its fix."""

from pathlib import Path

import pytest

from conversations.model.mistakes import Mistake
from tests.conversations.folders import (
    ADDRESS,
    EN,
    ORGANISATION,
    PT,
    STORY,
    TOML,
    edit,
    found,
    noted,
)

KNOWN = "Possible values: name, country, target, organisation, own_words, demands"
FORMAT = "Use paragraphs, bold, italic, links and lists."
NO_TOML = 'Put text in straight quotes: key = "value", and lists in brackets: ["a", "b"]'
MAIL = "Write it like office@government.example"
NO_LINK = "“Story” contains what Telegram can't show: link that is not http(s)."
CLAIM = "Use {sender} and {answers}: they always say what is true."


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "what", "fix"),
    [
        (TOML, "goal =", "gaol =", ":26 gaol", "This key is not known.", "Did you mean goal?"),
        (
            TOML,
            'for_countries = ["BR"]',
            'for_countries = ["BR"]\ncopies = true',
            ":75 second target (embassy-brazil): copies",
            "This key does not belong to a target.",
            "Write it above the first [[targets]].",
        ),
        (
            TOML,
            "goal =",
            "letters_per_hour = 60\ngoal =",
            ":26 letters_per_hour",
            "This key belongs to a target.",
            "Write it under [[targets]].",
        ),
        (
            TOML,
            "goal = 3000",
            "goal: 3",
            ":26",
            "A key and its value are separated by =, not by a colon.",
            "Write: goal = …",
        ),
        (
            TOML,
            "goal = 3000",
            f"x = {'[' * 5000}",
            "",
            "This isn't valid TOML from here on.",
            NO_TOML,
        ),
        (
            TOML,
            "goal = 3000",
            f"goal = {'9' * 5000}",
            "",
            "This isn't valid TOML from here on.",
            NO_TOML,
        ),
        (
            TOML,
            "goal = 3000",
            "goal = 1\ngoal = 2",
            ":27",
            "This appears twice.",
            "Remove one.",
        ),
        (
            TOML,
            ORGANISATION,
            "",
            " organisation",
            "This key is missing.",
            "Write: organisation = … It says who runs the campaign.",
        ),
        (
            TOML,
            ORGANISATION,
            'organisation = " "',
            ":8 organisation",
            "This is empty.",
            "Fill it in.",
        ),
        (
            TOML,
            ORGANISATION,
            'organisation = "A\\r\\nBcc: b"',
            ":8 organisation",
            "It contains invisible characters (U+000D, U+000A).",
            "Type it again.",
        ),
        (
            TOML,
            "goal = 3000",
            "opens = 2030-02-01T00:00:00Z\ncloses = 2030-01-01T00:00:00Z",
            ":27 closes",
            "It closes before it opens.",
            "Change one of the dates.",
        ),
        (
            TOML,
            "goal = 3000",
            "closes = 2031-02-01T00:00:00Z",
            ":23 keep_until",
            "Personal data would be deleted before the campaign closes.",
            "Choose a day after the campaign closes.",
        ),
        (
            TOML,
            "goal = 3000",
            "opens = 2030-02-01T00:00:00",
            ":26 opens",
            "This time has no time zone.",
            "Add it: 2030-06-30T18:00:00Z",
        ),
        (
            TOML,
            '"river"',
            '"c_x"',
            ":5 slug",
            "This has the wrong format.",
            "Use 1 to 30 of a-z, 0-9 and hyphens.",
        ),
        (
            TOML,
            '"river"',
            '"brook"',
            ":5 slug",
            "The slug and the folder name “river” differ.",
            "Make them the same.",
        ),
        (
            TOML,
            ADDRESS,
            "office",
            ":62 first target (ministry): address",
            "This isn't a valid email address.",
            MAIL,
        ),
        (
            TOML,
            ADDRESS,
            f"{ADDRESS}\\r\\n",
            ":62 first target (ministry): address",
            "This isn't a valid email address.",
            MAIL,
        ),
        (
            TOML,
            ADDRESS,
            f"<{ADDRESS}>",
            ":62 first target (ministry): address",
            "This isn't a valid email address.",
            MAIL,
        ),
        (
            TOML,
            "https://amigos-do-amieiro.example/rio",
            "javascript:alert(1)",
            ":14 official_page",
            "This isn't a valid web address.",
            "Write it with https://",
        ),
        (
            TOML,
            'country = "PT"',
            'country = "PT"\nfor_countries = ["PT"]',
            ":59 first target (ministry)",
            "No targets have no for_countries.",
            "Leave it out of exactly one target: that one gets everyone else.",
        ),
        (
            TOML,
            'for_countries = ["BR"]',
            "",
            ":59 first target (ministry)",
            "2 targets have no for_countries.",
            "Leave it out of exactly one target: that one gets everyone else.",
        ),
        (
            TOML,
            'for_countries = ["BR"]',
            'for_countries = ["XX"]',
            ":74 second target (embassy-brazil): for_countries",
            "“XX” isn't a valid country.",
            "Use codes of ISO 3166-1, like PT.",
        ),
        (
            EN,
            "{target}",
            "{targt}",
            ":37",
            "“Letter” uses the unknown placeholder {targt}.",
            "Did you mean target?",
        ),
        (
            EN,
            "{target}",
            "{name.__class__}",
            ":37",
            "“Letter” uses the unknown placeholder {name.__class__}.",
            KNOWN,
        ),
        (
            EN,
            "{own_words}",
            "",
            ":37",
            "“Letter” is missing {own_words}.",
            "Add it where it belongs.",
        ),
        (
            EN,
            "{own_words}\n\n{demands}\n",
            "",
            ":37",
            "“Letter” is missing {demands} and {own_words}.",
            "Add them where they belong.",
        ),
        (
            EN,
            "## Minimum age\n\n16 years.\n",
            "",
            "",
            "“Minimum age” is missing.",
            "Add it under a heading: ## Minimum age",
        ),
        (
            EN,
            "# Label",
            "# label",
            ":1",
            "Unknown heading: “# label”.",
            "Did you mean Label?",
        ),
        (
            EN,
            "# Label",
            "Hello\n\n# Label",
            ":1",
            "This is above the first heading, so it isn't used.",
            "Put it under a heading, or remove it.",
        ),
        (
            EN,
            STORY,
            "For\x00 three",
            ":9",
            "“Story” contains invisible characters (U+0000).",
            "Type it again.",
        ),
        (EN, STORY, "[x](javascript:alert(1))", ":10", NO_LINK, FORMAT),
        (EN, STORY, "[x]({organisation})", ":10", NO_LINK, FORMAT),
        (
            EN,
            STORY,
            "![x](https://a.example/x)",
            ":10",
            "“Story” contains what Telegram can't show: image.",
            FORMAT,
        ),
        (
            EN,
            "Thank you. The",
            "Replies come to you. The",
            ":109",
            "“Thanks” says “Replies come to you”, which isn't true with these settings.",
            CLAIM,
        ),
    ],
)
def test_a_mistake_says_where_what_and_how_to_mend_it(
    folder: Path, file: str, old: str, new: str, where: str, what: str, fix: str
) -> None:
    if new == "" and old.startswith("{own_words}"):
        edit(folder, TOML, 'edits = "free"', 'edits = "add"')
    edit(folder, file, old, new)
    assert (f"river/{file}{where}", what, fix) in found(folder)


@pytest.mark.parametrize(
    ("toml", "text", "where", "what", "fix"),
    [
        (
            'at_risk = ["HK"]\nedits = "add"',
            "# Prompt\n\nWhy?",
            ":29",
            "Prompts lead people to write about themselves, which can endanger those at risk.",
            "Remove them, or empty at_risk.",
        ),
        (
            'at_risk = []\nedits = "none"',
            "# Prompt\n\nWhy?",
            ":29",
            'Prompts need edits = "add"; here it is "none".',
            "Change edits, or remove the prompts.",
        ),
        (
            'at_risk = []\nedits = "add"',
            "# Prompt\n\nWhy?\n\n# Prompt 2\n\nHow?\n\n# Prompt 3\n\nWhen?",
            ":37",
            "There are 3 prompts; the review offers at most 2.",
            "Remove the others.",
        ),
        (
            'at_risk = []\nedits = "add"',
            f"# Prompt\n\n{'W' * 103}",
            ":29",
            "“Prompt” is 3 characters too long.",
            "Ask it in fewer words.",
        ),
        (
            'at_risk = []\nedits = "add"',
            "# Prompt\n\nWhy,\n{name}?",
            ":29",
            "“Prompt” has several lines.",
            "Put it on one line.",
        ),
        (
            'at_risk = []\nedits = "add"',
            "# Prompt\n\nWhy, {name}?",
            ":29",
            "“Prompt” uses the unknown placeholder {name}.",
            "Write it out: this section can't have placeholders.",
        ),
    ],
)
def test_prompts_that_cannot_be_shown(
    folder: Path, toml: str, text: str, where: str, what: str, fix: str
) -> None:
    edit(folder, TOML, "at_risk = []\n", "")
    edit(folder, TOML, 'edits = "free"', toml)
    edit(folder, EN, "# Subject\n", f"{text}\n\n# Subject\n")
    assert found(folder) == [(f"river/{EN}{where}", what, fix)]


def test_a_link_in_a_subject_is_only_warned_of(folder: Path) -> None:
    edit(folder, PT, "# Subject\n\n", "# Subject\n\nbit.ly/amieiro: ")
    assert noted(folder) == [
        Mistake(
            "“Subject” contains a link (bit.ly/amieiro), which looks like spam.",
            "Leave it out of the subject.",
            "river/pt.md:33",
            is_error=False,
        )
    ]
    assert found(folder) == []
