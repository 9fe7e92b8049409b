"""Campaign + answers → the letter, word for word as it will be sent."""

import hashlib
import json
from dataclasses import dataclass, replace

from conversations.model.campaign import (
    Campaign,
    Edits,
    Identity,
    Target,
)
from conversations.model.placeholders import fill
from conversations.text import countries
from conversations.text.typed_answers import to_ascii


@dataclass(frozen=True)
class Letter:
    """A letter from one supporter to one target. `sender_country` is a country's code.

    Answers go to `reply_address`; nowhere, where it is empty. `identity` is as whom it may go out:
    that is agreed to; whether it does turns on the sender's mail provider. In test mode the letter
    goes to `test_address` instead of its target: it is part of the letter from the review on, so
    that no setting that is changed later makes a test reach the target.
    """

    subject: str
    body: str
    language: str
    target_id: str
    target_name: str
    target_address: str
    sender_name: str
    sender_address: str
    sender_country: str
    reply_name: str
    reply_address: str
    identity: Identity
    test_address: str = ""

    @property
    def is_test(self) -> bool:
        """Whether it does not go to its target, and is not counted."""
        return bool(self.test_address)

    @property
    def recipient(self) -> str:
        """The one mailbox that it goes to."""
        return self.test_address or self.target_address

    @property
    def digest(self) -> str:
        """The SHA-256, in hexadecimal, of everything the letter says and to whom."""
        canonical = json.dumps(vars(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Signature:
    """What of a supporter stands in the letter. `draw` chooses among variants and never changes."""

    name: str
    country: str
    address: str
    language: str
    draw: int
    own_words: str = ""
    rewritten: str | None = None
    subject: str | None = None


def compose(campaign: Campaign, by: Signature) -> Letter:
    """Return the letter as it will be sent, in a language that its target reads."""
    target = campaign.target_for(by.country)
    return _compose(campaign, target, by, _language(campaign, target, by.language))


def translation(campaign: Campaign, by: Signature) -> Letter | None:
    """Return the letter in the supporter's language, to be read and not sent; None if the same.

    A letter that the supporter rewrote has no translation: the words are their own.
    """
    target = campaign.target_for(by.country)
    sent = _language(campaign, target, by.language)
    shown = by.language if by.language in campaign.texts else campaign.languages[0]
    if shown == sent or by.rewritten is not None:
        return None
    subject = _translated(campaign, target, by, sent, shown)
    return _compose(campaign, target, replace(by, subject=subject), shown)


def _translated(
    campaign: Campaign, target: Target, by: Signature, sent: str, shown: str
) -> str | None:
    """Return the chosen subject in the language `shown`; one that was typed stays as it is."""
    values = _values(campaign, target, by, sent)
    choices = [fill(subject, values) for subject in campaign.texts[sent].subjects]
    read = campaign.texts[shown].subjects
    if by.subject not in choices or choices.index(by.subject) >= len(read):
        return by.subject
    return fill(read[choices.index(by.subject)], _values(campaign, target, by, shown))


def preview(campaign: Campaign, language: str, name: str, country: str) -> tuple[str, str]:
    """Return subject and body before anything was asked: `name` and `country` stand for theirs."""
    target = campaign.target_for("")
    texts = campaign.text(language)
    values = {
        "name": name,
        "country": country,
        "target": target.name_in(language),
        "organisation": campaign.organisation,
    }
    spoken = {"own_words": "", "demands": fill(texts.demands, values)}
    return fill(texts.subjects[0], values), _tidy(fill(texts.letters[0], values | spoken))


def editable(campaign: Campaign, by: Signature) -> str:
    """Return the text that a supporter may rewrite: without the demands where they are locked."""
    target = campaign.target_for(by.country)
    language = _language(campaign, target, by.language)
    texts = campaign.texts[language]
    template = _variant(texts.letters, by.draw)
    demands = "" if campaign.lock_demands else texts.demands
    values = _values(campaign, target, by, language) | {"own_words": "", "demands": demands}
    return _tidy(fill(template, values))


def _compose(campaign: Campaign, target: Target, by: Signature, language: str) -> Letter:
    texts = campaign.texts[language]
    values = _values(campaign, target, by, language)
    demands = fill(texts.demands, values)
    if by.rewritten is not None and campaign.edits is Edits.FREE:
        body = f"{by.rewritten}\n\n{demands}" if campaign.lock_demands else by.rewritten
    else:
        own_words = by.own_words if campaign.edits is Edits.ADD else ""
        spoken = {"own_words": own_words, "demands": demands}
        body = fill(_variant(texts.letters, by.draw), values | spoken)
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
        identity=campaign.identity,
    )


def _reply_to(campaign: Campaign, by: Signature) -> tuple[str, str]:
    """Return to whom answers go. It is part of the letter: what was agreed to is what is sent."""
    match campaign.reply_to:
        case "supporter":
            return by.name, by.address
        case "organisation":
            return campaign.organisation, to_ascii(campaign.contact)
        case "none":
            return "", ""


def _language(campaign: Campaign, target: Target, language: str) -> str:
    """Return the supporter's language if the target reads it, else the first that it reads."""
    readable = [tag for tag in target.languages if tag in campaign.texts]
    return language if language in readable else [*readable, campaign.languages[0]][0]


def _values(campaign: Campaign, target: Target, by: Signature, language: str) -> dict[str, str]:
    return {
        "name": by.name,
        "country": countries.name(by.country, language),
        "target": target.name_in(language),
        "organisation": campaign.organisation,
    }


def _variant(variants: tuple[str, ...], draw: int) -> str:
    return variants[draw % len(variants)]


def _tidy(text: str) -> str:
    """Return `text` without the empty lines that an empty placeholder leaves."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    while "\n\n\n" in lines:
        lines = lines.replace("\n\n\n", "\n\n")
    return lines
