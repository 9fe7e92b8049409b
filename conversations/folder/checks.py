"""What can be wrong with a campaign that is well-formed."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import available_timezones

from conversations.core.context import Context
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import MAX_MESSAGE_LENGTH, Ask, Say
from conversations.folder import sender_claims
from conversations.folder.markdown_sections import (
    NOTICE,
    PLAIN,
    RICH,
    TextFile,
)
from conversations.journey.letter_review import notice
from conversations.journey.questions.welcome import example_letter
from conversations.journey.transitions import prompt
from conversations.model.campaign import (
    Campaign,
    CampaignFile,
    Edits,
    Target,
)
from conversations.model.identity import filled
from conversations.model.journey import Answers, Journey, Step
from conversations.model.mistakes import Mistake, suggest
from conversations.model.placeholders import placeholder_names
from conversations.text import countries
from conversations.text.html import Html, length
from conversations.text.typed_answers import (
    MAX_NAME_LENGTH,
    MAX_OWN_WORDS_LENGTH,
    MAX_REWRITTEN_LENGTH,
    Address,
    read_address,
)
from conversations.text.wording import Wording, offered

MAX_CAPTION = 1024
"""What a picture's caption holds (Bot API, sendPhoto)."""

RICH_NAMES = (
    "target",
    "organisation",
    "contact",
    "official_page",
    "privacy_policy",
    "goal",
    "closes",
    "keep_until",
    "sender",
    "answers",
)
LETTER_NAMES = ("name", "country", "target", "organisation", "own_words", "demands")
_LINE_NAMES = LETTER_NAMES[:4]

_NAME = "W" * MAX_NAME_LENGTH
_OWN_WORDS = "W" * MAX_OWN_WORDS_LENGTH
_REWRITTEN = "W" * MAX_REWRITTEN_LENGTH
_ADDRESS = f"{'w' * 64}@{'w' * 60}.example"

_WEB = re.compile(r"https?://[^\s/?#<>\"@]+(?:[/?#][^\s<>\"]*)?")
_OVERRIDES = "\u202d\u202e"

Locate = Callable[[str], str]


def check_file(file: CampaignFile, folder: str, place: Locate) -> Iterator[Mistake]:
    """Yield what is wrong with what the TOML file says."""
    if file.slug != folder:
        yield Mistake(f"The folder is called “{folder}”.", "Call both the same.", place("slug"))
    if file.opens and file.closes and file.closes <= file.opens:
        yield Mistake("It closes before it opens.", "Mend one of the dates.", place("closes"))
    if file.closes and datetime.combine(file.keep_until, time.max, UTC) < file.closes:
        fix = "Choose a day after the campaign closes."
        yield Mistake("Everything is erased before it closes.", fix, place("keep_until"))
    yield from _unreadable(file, place)
    if not _is_address(file.contact):
        yield Mistake(
            "This is no mail address.", "Write it like people@a.example", place("contact")
        )
    for key in ("official_page", "privacy_policy"):
        if not _WEB.fullmatch(getattr(file, key)):
            yield Mistake("This is no web address.", "Write it with https://", place(key))
    for key, listed in (("at_risk", file.at_risk), ("likely_countries", file.likely_countries)):
        yield from _countries(listed, place(key))
    if file.identity != "relay" and file.reply_to == "none":
        what = "From could show the address that nobody shall learn."
        fix = 'Take identity = "relay", or another reply_to.'
        yield Mistake(what, fix, place("identity"))
    if file.identity != "relay" and file.allow_letters_in_other_peoples_names:
        what = "Without the code by mail, letters could come from anybody's address."
        fix = 'Take identity = "relay", or let addresses be proved.'
        yield Mistake(what, fix, place("identity"))
    for language in file.languages:
        if language not in offered():
            what = f"The bot itself does not speak “{language}” yet; its own words are English."
            yield Mistake(what, "Translate its catalogue.", place("languages"), is_error=False)
    yield from _targets(file, place)


def _unreadable(file: CampaignFile, place: Locate) -> Iterator[Mistake]:
    """Yield what is blank, or holds signs that nobody sees: they would break a mail's header."""
    said: dict[str, tuple[str, ...]] = {"organisation": (file.organisation,)}
    said |= {
        f"targets.{number}.name": tuple(target.name.values())
        for number, target in enumerate(file.targets)
    }
    for key, texts in said.items():
        for text in texts:
            if not text.strip():
                yield Mistake("This is empty.", "Write it out.", place(key))
            if signs := _hidden(text):
                yield Mistake(f"It holds {signs}.", "Type it anew.", place(key))


def _hidden(text: str) -> str:
    """Return the names of the signs in `text` that control instead of being read."""
    found = [sign for sign in text if unicodedata.category(sign) == "Cc" or sign in _OVERRIDES]
    return ", ".join(f"U+{ord(sign):04X}" for sign in dict.fromkeys(found))


def _is_address(text: str) -> bool:
    """Whether `text` is an address and nothing else, so that it can be used as it stands."""
    address = read_address(text)
    if not isinstance(address, Address):
        return False
    return text.startswith(f"{address.local}@") and text[-1].isalnum()


def _countries(listed: tuple[str, ...], where: str) -> Iterator[Mistake]:
    for country in listed:
        if country not in countries.all_codes():
            yield Mistake(f"“{country}” is no country.", "Use codes of ISO 3166-1, like PT.", where)


def _targets(file: CampaignFile, place: Locate) -> Iterator[Mistake]:
    defaults = [target for target in file.targets if not target.for_countries]
    if len(defaults) != 1:
        what = f"{len(defaults) or 'No'} targets are for all countries."
        fix = "Leave for_countries away in exactly one: it takes all who have no other."
        yield Mistake(what, fix, place("targets.0"))
    ids = Counter(target.id for target in file.targets)
    claimed = Counter(country for target in file.targets for country in target.for_countries)
    for number, target in enumerate(file.targets):
        at = f"targets.{number}"
        if ids[target.id] > 1:
            yield Mistake(f"Two targets are “{target.id}”.", "Rename one.", place(f"{at}.id"))
        if not _is_address(target.address):
            fix = "Write it like office@government.example"
            yield Mistake("This is no mail address.", fix, place(f"{at}.address"))
        yield from _countries((target.country, *target.for_countries), place(at))
        twice = [country for country in target.for_countries if claimed[country] > 1]
        if twice:
            what = f"{', '.join(twice)} has several targets."
            yield Mistake(what, "A supporter has one.", place(f"{at}.for_countries"))
        if not set(target.languages) & set(file.languages):
            fix = f"It must read one of {', '.join(file.languages)}."
            what = "There is no letter in a language that this target reads."
            yield Mistake(what, fix, place(f"{at}.languages"))
        if not set(target.name) & set(file.languages):
            fix = "Write its name in the campaign's first language."
            yield Mistake("No campaign language names it.", fix, place(f"{at}.name"))
        yield from _pace(target, at, place)


def _pace(target: Target, at: str, place: Locate) -> Iterator[Mistake]:
    zone, hours = target.time_zone, target.hours
    if zone is not None and zone not in available_timezones():
        fix = suggest(zone, available_timezones())
        yield Mistake("This time zone is not known.", fix, place(f"{at}.time_zone"))
    if hours is None:
        return
    if target.letters_per_hour is None:
        what = "All letters of a night would leave in the first second of these hours."
        yield Mistake(what, "Write letters_per_hour, too.", place(f"{at}.hours"))
    if zone is None:
        yield Mistake("In which time zone?", "Write time_zone, too.", place(f"{at}.hours"))
    if hours[:5] == hours[6:]:
        yield Mistake("These hours end as they begin.", "Mend one.", place(f"{at}.hours"))


def check_campaign(campaign: Campaign, written: Mapping[str, TextFile]) -> Iterator[Mistake]:
    """Yield what is wrong with the texts, once they are put together."""
    mistakes = [
        mistake
        for language, file in written.items()
        for mistake in (*_signs(file), *_placeholders(campaign, file), *_claims(campaign, file))
    ]
    yield from mistakes
    if any(mistake.is_error for mistake in mistakes):
        return  # what cannot be filled cannot be measured
    for language, file in written.items():
        yield from _limits(campaign, language, file.name)


def _signs(file: TextFile) -> Iterator[Mistake]:
    for section in (*file.sections, *file.notice):
        if signs := _hidden(" ".join(section.text.split())):
            what = f"“{section.heading}” holds {signs}, which nobody sees."
            yield Mistake(what, "Type it anew.", f"{file.name}:{section.line}")


def _placeholders(campaign: Campaign, file: TextFile) -> Iterator[Mistake]:
    for section in (*file.sections, *file.notice):
        heading = section.heading.partition(" ")[0]
        known: tuple[str, ...] = _LINE_NAMES
        if section.heading in RICH or section.heading in NOTICE:
            known = RICH_NAMES
        elif heading == "Letter":
            known = LETTER_NAMES
        elif section.heading in PLAIN and section.heading != "Demands":
            known = ()
        where = f"{file.name}:{section.line}"
        for name in dict.fromkeys(placeholder_names(section.text)):
            if name not in known:
                fix = suggest(name, known) if known else "Write it out: nothing is filled in here."
                what = f"“{section.heading}” uses {{{name}}}, which it does not know."
                yield Mistake(what, fix, where)
        for name in _needed(campaign, heading):
            if name not in placeholder_names(section.text):
                what = f"“{section.heading}” lacks {{{name}}}."
                yield Mistake(what, "Put it where it belongs.", where)


def _needed(campaign: Campaign, heading: str) -> tuple[str, ...]:
    """Return the placeholders without which a section would not say what it is there for."""
    if heading == "Letter":
        own_words = ("own_words",) if campaign.edits is Edits.ADD else ()
        return ("name", "demands", *own_words)
    # Nobody's address stands in From without their having read so.
    return ("sender",) if heading == "Consent" and campaign.identity != "relay" else ()


def _claims(campaign: Campaign, file: TextFile) -> Iterator[Mistake]:
    for section in (*file.sections, *file.notice):
        for found in sender_claims.find_false_claims(section.text, campaign):
            what = f"“{section.heading}” says “{found}”, which these settings do not hold."
            fix = "Use {sender} and {answers}: they say what is true."
            yield Mistake(what, fix, f"{file.name}:{section.line}")


def _limits(campaign: Campaign, language: str, file: str) -> Iterator[Mistake]:
    """Yield what grows too long for Telegram with the longest name and words of one's own."""
    for what, text in _rendered(campaign, language):
        if (over := length(text) - MAX_MESSAGE_LENGTH) > 0:
            yield Mistake(f"{what} is {over} characters too long.", "Shorten its texts.", file)
    (first,) = [
        reply
        for reply in prompt(_scene(campaign, language, Step.WELCOME, test=False))
        if isinstance(reply, Ask)
    ]
    if first.picture and (over := length(first.text) - MAX_CAPTION) > 0:
        what = f"The first message is {over} characters too long to stand under its picture."
        fix = "Shorten Story or Ask, or both are sent one after the other."
        yield Mistake(what, fix, file, is_error=False)


def _rendered(campaign: Campaign, language: str) -> Iterator[tuple[str, Html]]:
    wording = Wording(language if language in offered() else "en")
    texts = campaign.texts[language]
    yield "More", filled(texts.more or Html(""), campaign, wording)
    yield "Safety", filled(texts.safety, campaign, wording)
    yield "The notice", notice(campaign, wording)
    yield "Thanks", filled(texts.thanks, campaign, wording)
    yield "The example of the letter", example_letter(_scene(campaign, language, Step.WELCOME))
    for step in (Step.WELCOME, Step.AT_RISK, Step.ADDRESS, Step.REVIEW):
        for context in _longest(campaign, language, step):
            for reply in prompt(context):
                if isinstance(reply, Ask | Say):
                    yield f"What is said at the step “{step}”", reply.text


def _longest(campaign: Campaign, language: str, step: Step) -> Iterator[Context]:
    """Yield the step as it is for each target and variant, rewritten and not."""
    whole = _scene(campaign, language, step)
    rewritten = (None, _REWRITTEN) if campaign.edits is Edits.FREE else (None,)
    for target in campaign.targets:
        country = next(iter(target.for_countries), whole.journey.answers.country)
        for draw in range(len(campaign.texts[language].letters)):
            for words in rewritten:
                answers = replace(
                    whole.journey.answers, country=country, draw=draw, rewritten=words
                )
                yield whole.within(replace(whole.journey, answers=answers))


def _scene(campaign: Campaign, language: str, step: Step, *, test: bool = True) -> Context:
    """Return the step at its longest, which it is in test mode."""
    claimed = {country for target in campaign.targets for country in target.for_countries}
    answers = Answers(
        name=_NAME,
        country=next(code for code in countries.all_codes() if code not in claimed),
        risk_accepted=True,
        address=_ADDRESS,
        proved=True,
        own_words=_OWN_WORDS,
    )
    journey = Journey("0" * 32, language, step=step, campaign=campaign.slug, answers=answers)
    deployment = Deployment({campaign.slug: campaign}, "w" * 32, _ADDRESS, _ADDRESS, test=test)
    known = Facts(accepted={campaign.slug: 10**9})
    return Context(deployment, journey, known, datetime(2019, 6, 21, tzinfo=UTC), 0)
