"""Check a campaign's texts: placeholders, claims about the sender, and length in Telegram."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from conversations.core.context import Context
from conversations.core.fact_requests import Fact, LastSlots
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import MAX_CAPTION, MAX_MESSAGE_LENGTH, Ask, Say
from conversations.folder.checks import phone_fit, sender_claims
from conversations.folder.checks.prompt_checks import wrong_prompts
from conversations.folder.checks.reminder_checks import REMINDER, SUBJECT, wrong_reminders
from conversations.folder.checks.value_checks import invisible_characters
from conversations.folder.formats.markdown_sections import KEPT, NOTICE, PLAIN, RICH, TextFile
from conversations.journey.flow.transitions import prompt
from conversations.journey.letters.letter_review import notice
from conversations.journey.questions.welcome import example_letter, more
from conversations.model.campaigns.campaign import Campaign, Edits
from conversations.model.campaigns.campaign_questions import (
    MAX_DIGITS,
    YES,
    OwnQuestion,
    QuestionKind,
)
from conversations.model.campaigns.placeholders import placeholder_names
from conversations.model.journey import Answers, Journey, Step
from conversations.model.letters.identity import filled
from conversations.model.letters.letter import (
    LETTER_PLACEHOLDERS,
    SUBJECT_PLACEHOLDERS,
    own_placeholders,
    states_country,
)
from conversations.model.mistakes import Mistake, say_placeholders, suggest
from conversations.text import countries
from conversations.text.html import Html, length
from conversations.text.languages import offered
from conversations.text.links import find_link
from conversations.text.typed.names import MAX_NAME_LENGTH
from conversations.text.typed.words import (
    MAX_ANSWER_LENGTH,
    MAX_OWN_WORDS_LENGTH,
    MAX_REWRITTEN_LENGTH,
)
from conversations.text.wording import Wording

RICH_NAMES = (
    "target",
    "organisation",
    "contact",
    "official_page",
    "privacy_policy",
    "goal",
    "closes",
    "keep_until",
    "transfer",
    "sender",
    "answers",
    "settling",
    "archive",
)
"""Placeholders in sections with formatting."""

_CARRIES_COUNTRY = re.compile(
    r"(?:letter|email(?:ed)?|sent|carries|takes|goes)\b[^.;!?]{0,100}your name(?:,| and)"
    r"(?: your)? country"
    r"|(?:信|連同|连同|寄)[^。；！？]{0,25}姓名[、，和與与及以]{1,2}(?:你的)?(?:國家|国家)",
    re.IGNORECASE,
)
"""How texts say that the letter carries the supporter's country."""

_LONGEST_NAME = "W" * MAX_NAME_LENGTH
_LONGEST_OWN_WORDS = "W" * MAX_OWN_WORDS_LENGTH
_LONGEST_REWRITTEN = "W" * MAX_REWRITTEN_LENGTH
_LONGEST_ADDRESS = f"{'w' * 64}@{'w' * 60}.example"


def check_campaign(campaign: Campaign, written: Mapping[str, TextFile]) -> Iterator[Mistake]:
    """Yield the mistakes in a campaign's texts; `written` are its text files by language."""
    mistakes = [
        mistake
        for language, file in written.items()
        for mistake in (
            *_invisible_characters(file),
            *_placeholders(campaign, file),
            *_links_in_subjects(file),
            *wrong_prompts(campaign, file),
            *_false_claims(campaign, file),
            *_country_claims(campaign, file),
        )
    ]
    mistakes += wrong_reminders(campaign, written)
    yield from mistakes
    if any(mistake.is_error for mistake in mistakes):
        return  # the length is unknown while placeholders are wrong
    for language, file in written.items():
        yield from _too_long(campaign, language, file.name)
        yield from phone_fit.too_high(campaign, language, file.name)


def _invisible_characters(file: TextFile) -> Iterator[Mistake]:
    for section in (*file.sections, *file.notice):
        if found := invisible_characters(" ".join(section.text.split())):
            problem = f"“{section.heading}” contains invisible characters ({found})."
            yield Mistake(problem, "Type it again.", f"{file.name}:{section.line}")


def _placeholders(campaign: Campaign, file: TextFile) -> Iterator[Mistake]:
    """Yield unknown placeholders, and sections that lack a required one."""
    for section in (*file.sections, *file.notice):
        heading = section.heading.partition(" ")[0]
        known: tuple[str, ...] = SUBJECT_PLACEHOLDERS
        if section.heading in RICH or section.heading in NOTICE:
            known = RICH_NAMES
        elif section.heading == REMINDER:
            known = LETTER_PLACEHOLDERS
        elif section.heading == SUBJECT:
            known = SUBJECT_PLACEHOLDERS
        elif heading == "Letter":
            known = (*LETTER_PLACEHOLDERS, *own_placeholders(campaign))
        elif heading == "Prompt" or (section.heading in PLAIN and section.heading != "Demands"):
            known = ()
        where = f"{file.name}:{section.line}"
        used = dict.fromkeys(placeholder_names(section.text))
        for name in used:
            if name not in known:
                fix = "Write it out: this section can't have placeholders."
                if known:
                    fix = suggest(name, known)
                problem = f"“{section.heading}” uses the unknown placeholder {{{name}}}."
                yield Mistake(problem, fix, where)
        required = _required_placeholders(campaign, section.heading)
        if missing := [each for each in required if each not in used]:
            problem = f"“{section.heading}” is missing {say_placeholders(missing)}."
            one, several = "Add it where it belongs.", "Add them where they belong."
            yield Mistake(problem, several if len(missing) > 1 else one, where)


def _links_in_subjects(file: TextFile) -> Iterator[Mistake]:
    """Yield warnings about links in subjects, which spam filters dislike."""
    for section in file.sections:
        is_subject = section.heading.partition(" ")[0] == "Subject" or section.heading == SUBJECT
        if is_subject and (link := find_link(section.text)):
            problem = f"“{section.heading}” contains a link ({link}), which looks like spam."
            fix = "Leave it out of the subject."
            yield Mistake(problem, fix, f"{file.name}:{section.line}", is_error=False)


def _required_placeholders(campaign: Campaign, section: str) -> tuple[str, ...]:
    """Return the placeholders that the section with this heading must contain."""
    archive = ("archive",) if campaign.archive != "none" else ()
    heading = section.partition(" ")[0]
    own_words = ("own_words",) if campaign.edits is Edits.ADD else ()
    if section == REMINDER:
        return ("name", *own_words)
    if heading == "Letter":
        return ("name", "demands", *own_words)
    if heading == "Consent":
        # It names political opinion and who receives it (GDPR, Art. 9(2)(a), 13(1)(e) and (f)),
        # whether the supporter's own address may be in From, and who keeps the details.
        sender = ("sender",) if campaign.identity != "relay" else ()
        return ("transfer", *sender, *archive)
    return {"Recipient": ("transfer",), KEPT: archive}.get(section, ())


def _false_claims(campaign: Campaign, file: TextFile) -> Iterator[Mistake]:
    """Yield sentences about From and replies that are not true with the campaign's settings."""
    for section in (*file.sections, *file.notice):
        for found in sender_claims.find_false_claims(section.text, campaign):
            problem = f"“{section.heading}” says “{found}”, which isn't true with these settings."
            fix = "Use {sender} and {answers}: they always say what is true."
            yield Mistake(problem, fix, f"{file.name}:{section.line}")


def _country_claims(campaign: Campaign, file: TextFile) -> Iterator[Mistake]:
    """Yield sentences that say that the letter carries the country where not every letter does."""
    if states_country(campaign) == "always":
        return
    for section in (*file.sections, *file.notice):
        if found := _CARRIES_COUNTRY.search(" ".join(section.text.split())):
            problem = (
                f"“{section.heading}” says “{found[0]}”, but not every letter states the country."
            )
            fix = "Put {country} into every letter, or leave the country out here."
            yield Mistake(problem, fix, f"{file.name}:{section.line}")


_YEARS_LATER = datetime(9000, 1, 1, tzinfo=UTC)


def _too_long(campaign: Campaign, language: str, file: str) -> Iterator[Mistake]:
    """Yield messages that are too long for Telegram when a supporter's texts are the longest."""
    for message, text in _rendered(campaign, language):
        if (over := length(text) - MAX_MESSAGE_LENGTH) > 0:
            yield Mistake(f"{message} is {over} characters too long.", "Shorten its texts.", file)
    (first,) = [
        reply
        for reply in prompt(_context(campaign, language, Step.WELCOME, test=False))
        if isinstance(reply, Ask)
    ]
    if first.picture and (over := length(first.text) - MAX_CAPTION) > 0:
        problem = f"The first message is {over} characters too long for a picture's caption."
        fix = "Shorten Ask; otherwise picture and text are sent as two messages."
        yield Mistake(problem, fix, file, is_error=False)


def _rendered(campaign: Campaign, language: str) -> Iterator[tuple[str, Html]]:
    """Yield every message that contains the campaign's texts, with its name, at its longest."""
    wording = Wording(language if language in offered() else "en")
    texts = campaign.texts[language]
    yield "More", more(_context(campaign, language, Step.WELCOME))
    yield "Safety", filled(texts.safety, campaign, wording)
    yield "The notice", notice(campaign, wording)
    yield "Thanks", filled(texts.thanks, campaign, wording)
    yield "The example letter", example_letter(_context(campaign, language, Step.WELCOME))
    for step in (Step.WELCOME, Step.WARNING, Step.AT_RISK, Step.ADDRESS, Step.REVIEW):
        for context in _variants(campaign, language, step):
            for reply in prompt(context):
                if isinstance(reply, Ask | Say):
                    yield f"The message at step “{step}”", reply.text


_TARGETS_TRIED = 10
"""How many targets are tried, those with the longest names."""


def _variants(campaign: Campaign, language: str, step: Step) -> Iterator[Context]:
    """Yield the context of a step for each target and letter, rewritten by the supporter or not."""
    base = _context(campaign, language, step)
    rewritten = (None, _LONGEST_REWRITTEN) if campaign.edits is Edits.FREE else (None,)
    by_length = sorted(campaign.targets, key=lambda each: -len(each.name_in(language)))
    for target in by_length[:_TARGETS_TRIED]:
        country = next(iter(target.for_countries), base.journey.answers.country)
        own = ((campaign.targets_by, next(iter(target.areas), "")),)
        for draw in range(len(campaign.texts[language].letters)):
            for words in rewritten:
                answers = replace(
                    base.journey.answers,
                    country=country,
                    draw=draw,
                    rewritten=words,
                    own=own,
                    chosen=(target.id,),
                )
                yield base.within(replace(base.journey, answers=answers))
                if campaign.texts[language].reminder:
                    journey = replace(base.journey, answers=answers, reminds=target.id)
                    yield base.within(journey)


def _longest_answer(question: OwnQuestion, language: str) -> str:
    """Return the answer that is longest in the letter."""
    match question.kind:
        case QuestionKind.CHOICE:
            return max(question.options, key=lambda id_: len(question.shown(id_, language)))
        case QuestionKind.YES_NO:
            return YES
        case QuestionKind.NUMBER:
            return "9" * MAX_DIGITS
        case QuestionKind.TEXT | QuestionKind.POSTCODE:
            return "W" * MAX_ANSWER_LENGTH


def _context(campaign: Campaign, language: str, step: Step, *, test: bool = True) -> Context:
    """Return the context of a step with the longest answers; test mode adds the longest notes."""
    claimed = {country for target in campaign.targets for country in target.for_countries}
    answers = Answers(
        name=_LONGEST_NAME,
        country=next(code for code in countries.all_codes() if code not in claimed),
        risk_accepted=True,
        address=_LONGEST_ADDRESS,
        proved=True,
        own_words=_LONGEST_OWN_WORDS,
        own=tuple((each.id, _longest_answer(each, language)) for each in campaign.questions),
    )
    journey = Journey("0" * 32, language, step=step, campaign=campaign.slug, answers=answers)
    deployment = Deployment(
        {campaign.slug: campaign}, "w" * 32, _LONGEST_ADDRESS, _LONGEST_ADDRESS, test=test
    )
    counts = {campaign.slug: 10**9}
    facts = Facts(accepted=counts, people=counts)
    full = _Waits()
    return Context(deployment, journey, facts, datetime(2019, 6, 21, tzinfo=UTC), 0, full)


class _Waits(dict[Fact[Any], Any]):
    """The answers of a campaign whose letters wait for years: then the note about that is the
    longest.
    """

    def __missing__(self, request: Fact[Any]) -> Any:
        if isinstance(request, LastSlots):
            return dict.fromkeys(request.targets, _YEARS_LATER)
        raise KeyError(request)
