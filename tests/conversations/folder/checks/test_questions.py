"""A campaign's own questions in its folder: mistakes with their place, and warnings."""

from pathlib import Path

import pytest

from conversations.folder.loading import load_campaign
from tests.conversations.folders import EN, TOML, edit, found, noted

BANK = """
[[questions]]
id = "bank"
kind = "choice"
label = { en = "Bank", pt = "Margem" }
text = { en = "On which bank do you live?", pt = "Em que margem vive?" }
purpose = { en = "The letter says it.", pt = "A carta di-lo." }

[questions.options]
left = { en = "the left bank", pt = "a margem esquerda" }
right = { en = "the right bank", pt = "a margem direita" }

[[questions]]
id = "call"
kind = "yes_no"
label = { en = "Calls", pt = "Chamadas" }
text = { en = "May we call you?", pt = "Podemos ligar-lhe?" }
purpose = { en = "We call people who want to help.", pt = "Ligamos a quem quer ajudar." }
consent = true
"""
FIRST, SECOND = 76, 87
"""The lines of the two questions."""

WORDS = BANK.replace('kind = "choice"', 'kind = "text"')
WORDS = WORDS[: WORDS.index("[questions.options]")]


@pytest.fixture
def asking(folder: Path) -> Path:
    file = folder / TOML
    file.write_text(file.read_text(encoding="utf-8").rstrip() + "\n" + BANK, encoding="utf-8")
    return folder


def test_questions_are_loaded_in_their_order(asking: Path) -> None:
    assert found(asking) == []
    campaign = load_campaign(asking).campaign
    assert campaign is not None
    assert [each.id for each in campaign.questions] == ["bank", "call"]
    assert [*campaign.questions[0].options] == ["left", "right"]


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "fix"),
    [
        (
            'id = "bank"',
            'id = "Bank"',
            f":{FIRST + 1} first question (Bank): id",
            "This has the wrong format.",
            "Use 1 to 30 of a-z, 0-9 and hyphens.",
        ),
        (
            'id = "call"',
            'id = "bank"',
            f":{FIRST + 1} first question (bank): id",
            "Two questions have the id “bank”.",
            "Rename one.",
        ),
        (
            'id = "bank"',
            'id = "demands"',
            f":{FIRST + 1} first question (demands): id",
            "“{demands}” already stands for something else in the letter.",
            "Choose another id.",
        ),
        (
            'kind = "choice"',
            'kind = "choise"',
            f":{FIRST + 2} first question (bank): kind",
            "This value isn't known.",
            'Did you mean "choice"?',
        ),
        (
            "consent = true",
            "concent = true",
            f":{SECOND + 6} second question (call): concent",
            "This key is not known.",
            "Did you mean consent?",
        ),
        (
            "consent = true",
            "goal = 5",
            f":{SECOND + 6} second question (call): goal",
            "This key does not belong to a question.",
            "Write it above the first [[questions]].",
        ),
        (
            ', pt = "Chamadas"',
            "",
            f":{SECOND + 3} second question (call): label",
            "It has no label in “pt”, a language of the campaign.",
            'Add pt = "…" to it.',
        ),
        (
            'pt = "Chamadas"',
            'portuguese = "Chamadas"',
            f":{SECOND + 3} second question (call): label.portuguese",
            "This has the wrong format.",
            "Did you mean pt?",
        ),
        (
            'en = "Calls"',
            f'en = "{"Calls" * 5}"',
            f":{SECOND + 3} second question (call): label.en",
            "This is 1 characters too long.",
            "Shorten it.",
        ),
        (
            'right = { en = "the right bank", pt = "a margem direita" }\n',
            "",
            f":{FIRST + 7} first question (bank): options",
            "A choice needs 2 to 50 options; this one has 1.",
            "Write them below a line [questions.options].",
        ),
        (
            'en = "the right bank"',
            'en = "the left bank"',
            f":{FIRST + 7} first question (bank): options",
            "2 options are called “the left bank” in “en”.",
            "Rename them, or leave all but one out.",
        ),
        (
            "right = {",
            "Right = {",
            f":{FIRST + 9} first question (bank): options.Right",
            "This has the wrong format.",
            "Use 1 to 30 of a-z, 0-9 and hyphens.",
        ),
        (
            ', pt = "a margem direita"',
            "",
            f":{FIRST + 9} first question (bank): options.right",
            "It has no text in “pt”, a language of the campaign.",
            'Add pt = "…" to it.',
        ),
        (
            'kind = "choice"',
            'kind = "number"',
            f":{FIRST + 7} first question (bank): options",
            "Only a choice has options.",
            'Write kind = "choice".',
        ),
        (
            'kind = "yes_no"',
            'kind = "text"',
            f":{SECOND + 6} second question (call): consent",
            "Only a question with yes and no can ask for a consent.",
            'Write kind = "yes_no".',
        ),
        (
            "consent = true",
            "consent = true\nrequired = true",
            f":{SECOND + 7} second question (call): required",
            "Nobody may have to answer this: a consent must be free.",
            "Write required = false.",
        ),
    ],
)
def test_mistakes(asking: Path, old: str, new: str, where: str, what: str, fix: str) -> None:
    edit(asking, TOML, old, new)
    assert (f"river/campaign.toml{where}", what, fix) in found(asking)


def test_a_question_belongs_below_its_heading(folder: Path) -> None:
    edit(folder, TOML, "goal =", "before_address = true\ngoal =")
    assert found(folder) == [
        (
            "river/campaign.toml:26 before_address",
            "This key belongs to a question.",
            "Write it under [[questions]].",
        )
    ]


@pytest.mark.parametrize(
    ("kind", "asked", "at_risk", "phone"),
    [
        ("text", "What is your phone number?", True, "phone"),
        ("number", "Your WhatsApp?", True, "WhatsApp"),
        ("text", "Wie ist deine Handynummer?", True, "Handynummer"),
        ("text", "電話號碼？", True, "電話"),
        ("text", "What is your phone number?", False, None),
        ("yes_no", "May we phone you?", True, None),
        ("text", "What do you grow there?", True, None),
    ],
)
def test_phone_numbers_are_not_asked_where_people_may_be_at_risk(
    folder: Path, kind: str, asked: str, at_risk: bool, phone: str | None
) -> None:
    if at_risk:
        edit(folder, TOML, "at_risk = []", 'at_risk = ["PT"]')
    question = WORDS.replace('kind = "text"', f'kind = "{kind}"')
    question = question.replace("On which bank do you live?", asked)
    file = folder / TOML
    file.write_text(file.read_text(encoding="utf-8").rstrip() + "\n" + question, encoding="utf-8")
    wrong = [each for each in found(folder) if "phone number" in each[1]]
    what = f"It asks for a phone number (“{phone}”), which leads to a person."
    fix = "Leave it out: there are countries in at_risk."
    where = f"river/campaign.toml:{FIRST + 4} first question (bank): text.en"
    assert wrong == ([(where, what, fix)] if phone else [])


def test_a_third_question_is_a_warning(asking: Path) -> None:
    third = WORDS.replace('"bank"', '"words"')
    file = asking / TOML
    file.write_text(file.read_text(encoding="utf-8") + third, encoding="utf-8")
    problems = [(each.where, each.problem) for each in noted(asking)]
    assert (
        f"river/campaign.toml:{SECOND + 8} third question (words)",
        "These are 3 questions: each makes some people stop.",
    ) in problems


def test_answers_that_nobody_gets_are_a_warning(asking: Path) -> None:
    told = "Nobody gets the answers: they are in no letter, and nothing is archived."
    assert [each.where for each in noted(asking) if each.problem == told] == [
        f"river/campaign.toml:{SECOND} second question (call)"
    ]
    edit(asking, TOML, 'kind = "choice"', 'kind = "text"')
    content = (asking / TOML).read_text(encoding="utf-8")
    a, b = content.index("[questions.options]"), content.index('[[questions]]\nid = "call"')
    (asking / TOML).write_text(content[:a] + content[b:], encoding="utf-8")
    assert len([each for each in noted(asking) if each.problem == told]) == 2
    edit(asking, EN, "{name}", "{bank}, {name}")
    assert len([each for each in noted(asking) if each.problem == told]) == 1


def test_only_the_letter_has_the_answers(asking: Path) -> None:
    edit(asking, EN, "{name}", "{bank}, {name}")
    assert found(asking) == []
    edit(asking, EN, "{bank}", "{call}")
    ((_, problem, _),) = found(asking)
    assert problem == "“Letter” uses the unknown placeholder {call}."


def test_texts_must_not_deny_that_there_are_questions(asking: Path) -> None:
    edit(asking, EN, "# Safety\n", "# Safety\n\nI ask for your email address, nothing else.\n")
    ((where, problem, fix),) = found(asking)
    assert problem == ("“Safety” says “email address, nothing else”, but you ask more than that.")
    assert where.startswith("river/en.md:")
    assert fix == "Name what else you ask."
