"""Composes a letter from a campaign's texts and a supporter's answers."""

import hashlib
import json
import re
from dataclasses import dataclass, replace

from conversations.model.campaigns.campaign import (
    Campaign,
    Edits,
    Identity,
)
from conversations.model.campaigns.campaign_questions import OwnAnswers, QuestionKind
from conversations.model.campaigns.placeholders import fill, placeholder_names
from conversations.model.campaigns.targets import Target
from conversations.model.journey import Answers
from conversations.model.letters.identity import identity_of, replies_to
from conversations.text import countries
from conversations.text.direction import isolated
from conversations.text.typed.addresses import to_ascii

SUBJECT_PLACEHOLDERS = ("name", "country", "target", "organisation")
"""Placeholders in subjects and demands."""

LETTER_PLACEHOLDERS = (*SUBJECT_PLACEHOLDERS, "own_words", "demands")
"""Placeholders in the letter."""


@dataclass(frozen=True)
class Letter:
    """A letter from one supporter to one target, word for word as it will be sent."""

    subject: str
    body: str
    language: str
    target_id: str
    target_name: str
    target_address: str
    sender_name: str
    sender_address: str
    sender_country: str
    """ISO 3166-1 code."""

    reply_name: str

    reply_address: str
    """Where replies go; "" for nowhere."""

    identity: Identity
    """Whose address the supporter agreed to send from; the mail provider may not allow it."""

    organisation: str = ""
    """Who runs the campaign. From may name it beside the supporter."""

    hides_address: bool = False
    """Whether the supporter's address is in no header."""

    test_address: str = ""
    """In test mode, the letter goes here and not to its target.

    It is part of the letter from the review on, so that no later change of a setting can send a
    test to the target.
    """

    @property
    def is_test(self) -> bool:
        """Whether it goes to the test address and is not counted."""
        return bool(self.test_address)

    @property
    def recipient(self) -> str:
        """The mailbox that the letter is sent to."""
        return self.test_address or self.target_address

    @property
    def digest(self) -> str:
        """The SHA-256 of all fields, in hexadecimal."""
        canonical = json.dumps(vars(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Signature:
    """The answers of a supporter that become part of the letter."""

    name: str

    country: str
    """ISO 3166-1 code."""

    address: str
    language: str

    draw: int
    """Selects one of the variants of letter and subject; it never changes for a supporter."""

    own_words: str = ""
    """A paragraph that the supporter added."""

    rewritten: str | None = None
    """The whole text, if the supporter rewrote it."""

    subject: str | None = None
    """The subject that the supporter chose or typed; None for a variant."""

    hides_address: bool = False
    """Whether the target shall not see the address."""

    own: OwnAnswers = ()
    """The answers to the campaign's own questions."""

    target: Target | None = None
    """The target whose letter the supporter reads and changes; None for that of the country."""

    @classmethod
    def of(cls, answers: Answers, language: str, target: Target | None = None) -> "Signature":
        """Return the answers that become part of the letter."""
        return cls(
            name=answers.name,
            country=answers.country,
            address=answers.address,
            language=language,
            draw=answers.draw,
            own_words=answers.own_words,
            rewritten=answers.rewritten,
            subject=answers.subject,
            hides_address=answers.hides_address,
            own=answers.own,
            target=target,
        )


def own_placeholders(campaign: Campaign) -> tuple[str, ...]:
    """Return the placeholders of the campaign's own questions, which only the letter may have.

    Yes and no have none: a letter says neither.
    """
    return tuple(each.id for each in campaign.questions if each.kind is not QuestionKind.YES_NO)


def states_country(campaign: Campaign) -> str:
    """Return whether the campaign's letters state the supporter's country, as part of a catalogue
    key: “always”, “sometimes” or “never”. Each variant in each language may differ.
    """
    found = {
        "country" in placeholder_names(f"{letter} {texts.demands}")
        for texts in campaign.texts.values()
        for letter in (*texts.letters, *((texts.reminder,) if texts.reminder else ()))
    }
    return "sometimes" if len(found) > 1 else "always" if True in found else "never"


def compose(campaign: Campaign, by: Signature) -> Letter:
    """Compose the letter in a language that its target reads."""
    target = _target(campaign, by)
    return _compose(campaign, target, by, _language(campaign, target, by.language))


def compose_for(campaign: Campaign, by: Signature, target: Target) -> Letter:
    """Compose the letter to another target than the one whose letter the supporter has read.

    What the supporter wrote names this target in place of that one.
    """
    read = _target(campaign, by)
    if target.id == read.id:
        return compose(campaign, by)
    before = _language(campaign, read, by.language)
    language = _language(campaign, target, by.language)
    subject = by.subject and _translated(campaign, read, target, by, before, language)
    rewritten = by.rewritten and _renamed(by.rewritten, read, target, before, language)
    own = replace(by, target=target, subject=subject, rewritten=rewritten)
    return _compose(campaign, target, own, language)


def _renamed(text: str, read: Target, target: Target, before: str, language: str) -> str:
    """Return a text that a supporter wrote to `read`, with the name of `target` in it."""
    name = re.compile(rf"(?<!\w){re.escape(read.name_in(before))}(?!\w)")
    return name.sub(lambda _: target.name_in(language), text)


def _target(campaign: Campaign, by: Signature) -> Target:
    return by.target or campaign.target_for(by.country)


def translation(campaign: Campaign, by: Signature) -> Letter | None:
    """Compose the letter in the supporter's language, only to be read.

    Returns None if the letter is in that language already, or if the supporter rewrote it.
    """
    target = _target(campaign, by)
    sent = _language(campaign, target, by.language)
    shown = by.language if by.language in campaign.texts else campaign.languages[0]
    if shown == sent or by.rewritten is not None:
        return None
    subject = by.subject and _translated(campaign, target, target, by, sent, shown)
    return _compose(campaign, target, replace(by, subject=subject), shown)


def demands(campaign: Campaign, by: Signature, letter: Letter) -> str:
    """Return the demands of a letter; "" if its writer left them out."""
    texts, target = campaign.texts[letter.language], _target(campaign, by)
    found = _tidy(fill(texts.demands, _values(campaign, target, by, letter.language)))
    return found if found in letter.body else ""


def has_own_words(campaign: Campaign, answers: Answers) -> bool:
    """Whether the letter that these answers make contains words of the supporter's own."""
    match campaign.edits:
        case Edits.ADD:
            return bool(answers.own_words)
        case Edits.FREE:
            return answers.rewritten is not None
        case Edits.NONE:
            return False


def _translated(
    campaign: Campaign, read: Target, target: Target, by: Signature, sent: str, shown: str
) -> str | None:
    """Return the chosen subject, which was read in the language `sent` in the letter to `read`, for
    `target` in the language `shown`. A typed one is not translated.
    """
    values = _values(campaign, read, by, sent)
    choices = [fill(subject, values) for subject in campaign.texts[sent].subjects]
    offered = campaign.texts[shown].subjects
    if by.subject not in choices or choices.index(by.subject) >= len(offered):
        return by.subject and _renamed(by.subject, read, target, sent, shown)
    chosen = offered[choices.index(by.subject)]
    return fill(chosen, _values(campaign, target, by, shown))


def preview(campaign: Campaign, language: str, name: str, country: str) -> tuple[str, str]:
    """Return subject and body before any question; `name` and `country` are sample values."""
    target = campaign.target_for("")
    texts = campaign.text(language)
    values = dict.fromkeys(own_placeholders(campaign), "…") | {
        "name": name,
        "country": country,
        "target": target.name_in(language),
        "organisation": campaign.organisation,
    }
    extra = {"own_words": "", "demands": fill(texts.demands, values)}
    return fill(texts.subjects[0], values), _tidy(fill(texts.letters[0], values | extra))


def editable(campaign: Campaign, by: Signature) -> str:
    """Return the text that a supporter can rewrite, without the demands if they are locked."""
    target = _target(campaign, by)
    language = _language(campaign, target, by.language)
    texts = campaign.texts[language]
    template = _variant(texts.letters, by.draw)
    demands = "" if campaign.lock_demands else texts.demands
    values = _plain_values(campaign, target, by, language) | {"own_words": "", "demands": demands}
    return _tidy(fill(template, values))


def _compose(campaign: Campaign, target: Target, by: Signature, language: str) -> Letter:
    texts = campaign.texts[language]
    values = _values(campaign, target, by, language)
    demands = fill(texts.demands, values)
    if by.rewritten is not None and campaign.edits is Edits.FREE:
        body = f"{by.rewritten}\n\n{demands}" if campaign.lock_demands else by.rewritten
    else:
        own_words = by.own_words if campaign.edits is Edits.ADD else ""
        extra = {"own_words": own_words, "demands": demands}
        body = fill(_variant(texts.letters, by.draw), values | extra)
    subject = by.subject or fill(_variant(texts.subjects, by.draw), values)
    reply_name, reply_address = _reply_to(campaign, by)
    return Letter(
        subject=subject,
        body=_tidy(body),
        language=language,
        target_id=target.id,
        target_name=target.name_in(language),
        target_address=to_ascii(target.address),
        sender_name=by.name,
        sender_address=by.address,
        sender_country=by.country,
        reply_name=reply_name,
        reply_address=reply_address,
        identity=identity_of(campaign, hidden=by.hides_address),
        organisation=campaign.organisation,
        hides_address=by.hides_address,
    )


def _reply_to(campaign: Campaign, by: Signature) -> tuple[str, str]:
    """Return the name and address that replies go to; both "" for nowhere."""
    match replies_to(campaign, hidden=by.hides_address):
        case "supporter":
            return by.name, by.address
        case "organisation":
            return campaign.organisation, to_ascii(campaign.contact)
        case "none":
            return "", ""


def _language(campaign: Campaign, target: Target, language: str) -> str:
    """Return the supporter's language if the target reads it, else the target's first one."""
    readable = [tag for tag in target.languages if tag in campaign.texts]
    return language if language in readable else [*readable, campaign.languages[0]][0]


def _values(campaign: Campaign, target: Target, by: Signature, language: str) -> dict[str, str]:
    """Return the values of a letter's placeholders; isolated where their direction is the other."""
    values = _plain_values(campaign, target, by, language)
    return {name: isolated(value, language) for name, value in values.items()}


def _plain_values(
    campaign: Campaign, target: Target, by: Signature, language: str
) -> dict[str, str]:
    given = dict(by.own)
    own = {each.id: each.shown(given.get(each.id, ""), language) for each in campaign.questions}
    return own | {
        "name": by.name,
        "country": countries.name(by.country, language),
        "target": target.name_in(language),
        "organisation": campaign.organisation,
    }


def _variant(variants: tuple[str, ...], draw: int) -> str:
    return variants[draw % len(variants)]


def _tidy(text: str) -> str:
    """Remove the extra empty lines that empty placeholders leave."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    while "\n\n\n" in lines:
        lines = lines.replace("\n\n\n", "\n\n")
    return lines
