"""Check a campaign's own questions: that they make sense, ask little, and endanger nobody."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from conversations.folder.checks.value_checks import (
    Locate,
    check_translations,
    invisible_characters,
)
from conversations.folder.formats.markdown_sections import TextFile
from conversations.model.campaigns.campaign import Campaign, CampaignFile
from conversations.model.campaigns.campaign_questions import COUNTED, OwnQuestion, QuestionKind
from conversations.model.campaigns.placeholders import placeholder_names
from conversations.model.letters.letter import LETTER_PLACEHOLDERS
from conversations.model.mistakes import Mistake

MAX_LENGTHS = {"label": 24, "text": 300, "purpose": 200}
MAX_OPTION_LENGTH = 40
MAX_OPTIONS = 50

ADVISED_QUESTIONS = 2
"""More questions make many people stop."""

_PHONE = re.compile(
    r"\b(?:tele)?phone|\bmobile\b|\bcell ?(?:phone|number)|whats ?app|\bsignal number"
    r"|t[eé]l[eé]phon|\bportable\b|telefon|tel[eé]fono|telem[oó]vel|\bm[oó]vil\b|celular|cellulare"
    r"|handy-?nummer|\bhandy\b|rufnummer|\bkomórk|телефон|мобильн|мобільн|điện thoại|telepon"
    r"|โทรศัพท์|फ़ोन|फोन|मोबाइल|هاتف|جوال|تلفن|موبایل|電話|电话|手機|手机|携帯|전화|휴대폰",
    re.IGNORECASE,
)
"""How a question asks for a phone number, in the bot's languages."""

_NOTHING_ELSE = re.compile(
    r"email address(?:es)?,? (?:and )?nothing else|只會問你的姓名|只会问你的姓名", re.IGNORECASE
)
"""How texts say that nothing but name, country and address is asked for."""


def check_questions(file: CampaignFile, locate: Locate) -> Iterator[Mistake]:
    """Yield what is wrong with the campaign's own questions."""
    ids = Counter(each.id for each in file.questions)
    for number, question in enumerate(file.questions):
        at = f"questions.{number}"
        if ids[question.id] > 1:
            problem = f"Two questions have the id “{question.id}”."
            yield Mistake(problem, "Rename one.", locate(f"{at}.id"))
        if question.id in LETTER_PLACEHOLDERS:
            problem = f"“{{{question.id}}}” already stands for something else in the letter."
            yield Mistake(problem, "Choose another id.", locate(f"{at}.id"))
        for key in MAX_LENGTHS:
            yield from _text(getattr(question, key), file.languages, f"{at}.{key}", key, locate)
        yield from _options(question, file.languages, at, locate)
        yield from _consent(file, question, at, locate)
        yield from _phone(file, question, at, locate)
        if number == ADVISED_QUESTIONS:
            problem = f"These are {len(file.questions)} questions: each makes some people stop."
            fix = f"Ask {ADVISED_QUESTIONS} at most, for what you use."
            yield Mistake(problem, fix, locate(at), is_error=False)


def check_answers(
    campaign: Campaign, written: Mapping[str, TextFile], locate: Locate
) -> Iterator[Mistake]:
    """Yield questions whose answers nobody gets, and texts that deny that there are questions."""
    used = {
        name
        for texts in campaign.texts.values()
        for letter in texts.letters
        for name in placeholder_names(letter)
    }
    for number, question in enumerate(campaign.questions):
        leads = question.id == campaign.targets_by
        is_told = question.id in used or leads or campaign.archive != "none"
        if not is_told and (question.consent or question.kind not in COUNTED):
            problem = "Nobody gets the answers: they are in no letter, and nothing is archived."
            fix = 'Put it into the letter, write archive = "sealed", or leave the question out.'
            if question.consent:
                fix = 'Write archive = "sealed", or leave the question out.'
            yield Mistake(problem, fix, locate(f"questions.{number}"), is_error=False)
    if not campaign.questions:
        return
    for file in written.values():
        for section in (*file.sections, *file.notice):
            if found := _NOTHING_ELSE.search(" ".join(section.text.split())):
                problem = f"“{section.heading}” says “{found[0]}”, but you ask more than that."
                yield Mistake(problem, "Name what else you ask.", f"{file.name}:{section.line}")


def _text(
    texts: Mapping[str, str], languages: tuple[str, ...], at: str, what: str, locate: Locate
) -> Iterator[Mistake]:
    """Yield what is wrong with a text in one of its languages."""
    yield from check_translations(texts, languages, at, locate, what=what)
    most = MAX_LENGTHS.get(what, MAX_OPTION_LENGTH)
    for language, text in texts.items():
        where = locate(f"{at}.{language}")
        if not text.strip():
            yield Mistake("This is empty.", "Fill it in.", where)
        if found := invisible_characters(text):
            yield Mistake(f"It contains invisible characters ({found}).", "Type it again.", where)
        if (over := len(text) - most) > 0:
            yield Mistake(f"This is {over} characters too long.", "Shorten it.", where)


def _options(
    question: OwnQuestion, languages: tuple[str, ...], at: str, locate: Locate
) -> Iterator[Mistake]:
    """Yield what is wrong with the options of a choice, or that another kind has some."""
    where, count = locate(f"{at}.options"), len(question.options)
    if question.kind is not QuestionKind.CHOICE:
        if count:
            yield Mistake("Only a choice has options.", 'Write kind = "choice".', where)
        return
    if not 2 <= count <= MAX_OPTIONS:
        problem = f"A choice needs 2 to {MAX_OPTIONS} options; this one has {count}."
        fix = "Write them below a line [questions.options]."
        yield Mistake(problem, fix, where)
    for id_, texts in question.options.items():
        yield from _text(texts, languages, f"{at}.options.{id_}", "text", locate)
    for language in languages:
        shown = Counter(texts.get(language, "") for texts in question.options.values())
        for text, times in shown.items():
            if text and times > 1:
                problem = f"{times} options are called “{text}” in “{language}”."
                yield Mistake(problem, "Rename them, or leave all but one out.", where)


def _consent(
    file: CampaignFile, question: OwnQuestion, at: str, locate: Locate
) -> Iterator[Mistake]:
    """Yield why a question can't ask for a consent."""
    if not question.consent:
        return
    if question.kind is not QuestionKind.YES_NO:
        problem = "Only a question with yes and no can ask for a consent."
        yield Mistake(problem, 'Write kind = "yes_no".', locate(f"{at}.consent"))
    if question.required:
        problem = "Nobody may have to answer this: a consent must be free."
        yield Mistake(problem, "Write required = false.", locate(f"{at}.required"))


def _phone(file: CampaignFile, question: OwnQuestion, at: str, locate: Locate) -> Iterator[Mistake]:
    """Yield a question for phone numbers in a campaign with countries at risk."""
    takes_digits = question.kind in (QuestionKind.TEXT, QuestionKind.NUMBER)
    if not file.at_risk or not takes_digits:
        return
    for key in ("label", "text"):
        for language, text in getattr(question, key).items():
            if found := _PHONE.search(text):
                problem = f"It asks for a phone number (“{found[0]}”), which leads to a person."
                fix = "Leave it out: there are countries in at_risk."
                yield Mistake(problem, fix, locate(f"{at}.{key}.{language}"))
                return
