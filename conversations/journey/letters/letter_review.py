"""The letter of the review, and what pressing Send agrees to: what is shown is what is sent."""

import hashlib
from dataclasses import replace

from conversations.core.context import Context
from conversations.core.effects.letters import Consent
from conversations.core.replies import MAX_MESSAGE_LENGTH
from conversations.journey.letters import departure
from conversations.journey.letters.recipients import names, recipients
from conversations.model.campaigns.campaign import Campaign, Edits
from conversations.model.campaigns.campaign_questions import in_language
from conversations.model.campaigns.placeholders import fill_html
from conversations.model.journey import Reviewed
from conversations.model.letters.identity import filled, values
from conversations.model.letters.letter import (
    Letter,
    Signature,
    compose,
    compose_for,
    demands,
    translation,
)
from conversations.text import countries
from conversations.text.html import Html, escape, fold, length
from conversations.text.typed.addresses import readable
from conversations.text.wording import Wording, raw

NOTICE_KEYS = (
    "notice.responsible",
    "notice.contact",
    "notice.recipient",
    "notice.kept",
    "notice.rights",
    "notice.minimum_age",
    "notice.questions",
)
"""The catalogue keys of the headings of the privacy notice."""

_AGREEMENT_KEYS = (
    *(f"sender.{identity}" for identity in ("relay", "author", "own")),
    *(f"transfer.{each}" for each in ("government", "company", "organisation", "outside")),
    *(
        f"answers.whole.{each}"
        for each in ("supporter", "organisation", "organisation_shown", "none")
    ),
    "review.discreet",
)
"""The catalogue keys of what the bot adds to a campaign's words of consent."""


_LONGEST_NOTE = 400
"""The length of the longest note above a letter."""


def signature(context: Context) -> Signature:
    """Return what the supporter contributes to the letter, which is shown as the first target gets
    it.
    """
    first = next(iter(recipients(context)), None)
    return Signature.of(context.journey.answers, context.journey.language, first)


def letters(context: Context) -> tuple[Letter, ...]:
    """Return the letter to each target, as it will be sent."""
    by, test_address = signature(context), context.test_address
    if by.target is None:
        return (replace(compose(context.campaign, by), test_address=test_address),)
    return tuple(
        replace(compose_for(context.campaign, by, target), test_address=test_address)
        for target in recipients(context)
    )


def consent(context: Context) -> Consent:
    """Return what pressing Send agrees to, in the words that are shown."""
    hidden = context.journey.answers.hides_address
    shown = notice(terms(context), context.wording, hidden=hidden)
    words = Html(f"{shown}\n\n{agreement(context)}")
    return Consent(
        version=context.campaign.version,
        notice=words,
        notice_digest=hashlib.sha256(words.encode()).hexdigest(),
        letter_digest=joint_digest(letters(context)),
        language=context.journey.language,
    )


def joint_digest(written: tuple[Letter, ...]) -> str:
    """Return the digest of all letters of a Send."""
    if len(written) == 1:
        return written[0].digest
    return hashlib.sha256(" ".join(each.digest for each in written).encode()).hexdigest()


def reviewed(context: Context) -> Reviewed:
    """Return the digests of what the review shows now. The same letter keeps its token."""
    now, before = consent(context), context.journey.reviewed
    is_same = before is not None and before.letter == now.letter_digest
    token = before.message_token if before and is_same else context.token()
    return Reviewed(now.letter_digest, now.notice_digest, token, is_first=before is None)


def matches(shown: Reviewed, consent: Consent) -> bool:
    """Whether the letter and the notice are word for word those of the review."""
    return (shown.letter, shown.notice) == (consent.letter_digest, consent.notice_digest)


def present(context: Context) -> tuple[Html, Html]:
    """Return the letter as it is shown, and the agreement under it.

    Name, address and demands are seen at once; the whole letter unfolds at a tap.
    """
    sent, targets = letters(context)[0], recipients(context)
    shown = _with_letter(context, _head(context, sent, sent.target_name), sent)
    if len(targets) > 1:
        head = _head(context, sent, names(targets, context.wording))
        whole = _with_letter(context, Html(f"{head}\n{several_note(context)}"), sent)
        shown = whole if length(whole) <= MAX_MESSAGE_LENGTH - _LONGEST_NOTE else shown
    waits = departure.note(context)
    agreed = agreement(context)
    return shown, agreed if waits is None else Html(f"{agreed}\n\n{waits}")


def _head(context: Context, sent: Letter, target: str) -> Html:
    """Return what stands above the letter; `target` says who gets it."""
    wording = context.wording
    sender = wording.say(
        "review.sender",
        name=sent.sender_name,
        country=countries.name(sent.sender_country, sent.language),
    )
    sender = Html(f"{sender} · {escape(readable(sent.sender_address))}")
    head = wording.say("review.letter", target=target, sender=raw(sender), subject=sent.subject)
    if sent.hides_address:
        head = Html(f"{head}\n{wording.say('review.hidden')}")
    return Html(f"{test_mark(context, sent.target_name)}{head}")


def several_note(context: Context) -> Html:
    """Return that each of several recipients gets a letter; all their names can be unfolded.

    "" if there is one recipient.
    """
    wording, targets = context.wording, recipients(context)
    if len(targets) < 2:
        return Html("")
    said = wording.say("several.each", count=len(targets))
    every = list(dict.fromkeys(each.name_in(wording.reads) for each in targets))
    if names(targets, wording) == wording.all_of(every):
        return said
    listed = fold(escape("\n".join(every)))
    return Html(f"{said}\n{listed}")


def _with_letter(context: Context, head: Html, sent: Letter) -> Html:
    """Return the demands and the folded letter, with its translation, under `head`.

    A message that would be too long has the demands in the letter only.
    """
    by = signature(context)
    read = translation(context.campaign, by)
    letter = escape(sent.body)
    if read is not None:
        note = context.wording.say("review.translation", subject=read.subject)
        letter = Html(f"{letter}\n\n{note}\n\n{escape(read.body)}")
    quote = fold(letter)
    asked = escape(demands(context.campaign, by, read or sent).replace("\n\n", "\n"))
    whole = Html(f"{head}\n{asked}\n{quote}")
    return whole if asked and length(whole) <= MAX_MESSAGE_LENGTH else Html(f"{head}\n{quote}")


def terms(context: Context) -> Campaign:
    """Return the campaign as it is for this conversation: discreet letters are never archived."""
    campaign = context.campaign
    return (
        campaign.model_copy(update={"archive": "none"}) if context.journey.is_discreet else campaign
    )


def notice(campaign: Campaign, wording: Wording, *, hidden: bool = False) -> Html:
    """Return the privacy notice with its headings.

    `hidden`: the supporter hides the address from the target.
    """
    parts = campaign.text(wording.reads).notice
    written = (
        ("notice.responsible", parts.responsible),
        ("notice.contact", parts.contact),
        ("notice.recipient", parts.recipient),
        ("notice.kept", parts.kept),
        ("notice.rights", parts.rights),
        ("notice.minimum_age", parts.minimum_age),
    )
    facts = values(campaign, wording, hidden=hidden)
    paragraphs = [f"{wording.say(key)} {fill_html(text, facts)}" for key, text in written]
    return Html("\n".join((*paragraphs, *_own_questions(campaign, wording))))


def _own_questions(campaign: Campaign, wording: Wording) -> tuple[str, ...]:
    """Return what the campaign asks in addition, and what for; nothing if it asks nothing."""
    if not campaign.questions:
        return ()
    said = []
    for each in campaign.questions:
        label = escape(in_language(each.label, wording.reads))
        name = label if each.required else wording.say("notice.optional", question=raw(label))
        said.append(f"{name}: {escape(in_language(each.purpose, wording.reads))}")
    return (f"{wording.say('notice.questions')} {' · '.join(said)}",)


def changeable(context: Context) -> tuple[str, ...]:
    """Return the subjects that a supporter may choose from; none if there is only one."""
    campaign, by = context.campaign, replace(signature(context), subject=None)
    count = len(campaign.text(by.language).subjects)
    drawn = [compose(campaign, replace(by, draw=draw)).subject for draw in range(count)]
    subjects = tuple(dict.fromkeys(drawn))
    return subjects if len(subjects) > 1 else ()


def may_type_subject(campaign: Campaign) -> bool:
    """Whether a supporter may write a subject of their own."""
    return campaign.edits is Edits.FREE


def test_mark(context: Context, target: str) -> Html:
    """Return the line above every text in test mode, so that nobody believes it is live."""
    address = context.test_address
    if not address:
        return Html("")
    return Html(f"{context.wording.say('test.mark', address=address, target=target)}\n\n")


def agreement(context: Context) -> Html:
    """Return what pressing Send agrees to."""
    return context.with_original(_agreement, *_AGREEMENT_KEYS, folded=True)


def _agreement(context: Context) -> Html:
    answers = context.journey.answers
    targets, hidden = recipients(context), answers.hides_address
    agreed = filled(context.texts.consent, terms(context), context.wording, targets, hidden=hidden)
    if not context.journey.is_discreet:
        return agreed
    clearing = context.wording.say("review.discreet", count=context.journey.clear_after)
    return Html(f"{agreed}\n\n{clearing}")
