"""The review: what is shown is what is sent, and what Send says yes to."""

import hashlib
from dataclasses import replace

from conversations import countries
from conversations.campaign import Campaign, Edits
from conversations.effects import Consent
from conversations.identity import filled, values
from conversations.journey import Answers, Journey, Reviewed
from conversations.letter import Letter, Signature, compose, translation
from conversations.placeholders import fill_rich
from conversations.rich import Html, escape
from conversations.scene import Scene
from conversations.wording import Wording, raw


def signature(journey: Journey) -> Signature:
    """Return what the journey's answers put into the letter."""
    answers = journey.answers
    return Signature(
        name=answers.name,
        country=answers.country,
        address=answers.address,
        language=journey.language,
        draw=answers.draw,
        own_words=answers.own_words,
        rewritten=answers.rewritten,
        subject=answers.subject,
    )


def letter(scene: Scene) -> Letter:
    """Return the letter as it will be sent."""
    written = compose(scene.campaign, signature(scene.journey))
    return replace(written, test_address=scene.test_address)


def consent(scene: Scene) -> Consent:
    """Return what pressing Send says yes to, in the words that are shown."""
    shown = notice(scene.campaign, scene.wording)
    words = Html(f"{shown}\n\n{_agreement(scene)}")
    return Consent(
        version=scene.campaign.version,
        notice=words,
        notice_digest=hashlib.sha256(words.encode()).hexdigest(),
        letter_digest=letter(scene).digest,
        language=scene.journey.language,
    )


def reviewed(scene: Scene) -> Reviewed:
    """Return what the review that is shown now holds; the same letter keeps its token."""
    given = consent(scene)
    former = scene.journey.reviewed
    same = former is not None and former.letter == given.letter_digest
    token = former.message_token if former and same else scene.token()
    return Reviewed(given.letter_digest, given.notice_digest, token)


def holds(shown: Reviewed, given: Consent) -> bool:
    """Whether letter and notice are, word for word, those of the review."""
    return (shown.letter, shown.notice) == (given.letter_digest, given.notice_digest)


def present(scene: Scene) -> tuple[Html, Html]:
    """Return the letter as it is shown, and under it what pressing Send means."""
    wording, sent = scene.wording, letter(scene)
    sender = wording.say(
        "review.sender",
        name=sent.sender_name,
        country=countries.name(sent.sender_country, sent.language),
    )
    head = wording.say(
        "review.letter", target=sent.target_name, sender=raw(sender), subject=sent.subject
    )
    mark = test_mark(scene, sent.target_name)
    shown = f"{mark}{head}\n\n<blockquote>{escape(sent.body)}</blockquote>"
    read = translation(scene.campaign, signature(scene.journey))
    if read is not None:
        note = wording.say("review.translation", subject=read.subject)
        shown += f"\n\n{note}\n<blockquote>{escape(read.body)}</blockquote>"
    return Html(shown), _agreement(scene)


def notice(campaign: Campaign, wording: Wording) -> Html:
    """Return the privacy notice, whole, with its headings."""
    parts = campaign.text(wording.language).notice
    written = (
        ("notice.responsible", parts.responsible),
        ("notice.contact", parts.contact),
        ("notice.recipient", parts.recipient),
        ("notice.kept", parts.kept),
        ("notice.rights", parts.rights),
        ("notice.minimum_age", parts.minimum_age),
    )
    known = values(campaign, wording)
    paragraphs = [f"{wording.say(key)} {fill_rich(text, known)}" for key, text in written]
    return Html("\n".join(paragraphs))


def changeable(campaign: Campaign, answers: Answers, language: str) -> tuple[str, ...]:
    """Return the subjects that a supporter may choose from; none where there is but one."""
    signed = Signature(answers.name, answers.country, answers.address, language, answers.draw)
    count = len(campaign.text(language).subjects)
    drawn = [
        compose(campaign, Signature(**{**vars(signed), "draw": draw})).subject
        for draw in range(count)
    ]
    subjects = tuple(dict.fromkeys(drawn))
    return subjects if len(subjects) > 1 else ()


def may_type_subject(campaign: Campaign) -> bool:
    """Whether a supporter may write a subject of their own."""
    return campaign.edits is Edits.FREE


def test_mark(scene: Scene, target: str) -> Html:
    """Return what stands above everything in test mode, so that nobody takes it for live."""
    address = scene.test_address
    if not address:
        return Html("")
    return Html(f"{scene.wording.say('test.mark', address=address, target=target)}\n\n")


def _agreement(scene: Scene) -> Html:
    campaign = scene.campaign
    target = campaign.target_for(scene.journey.answers.country)
    return filled(scene.texts.consent, campaign, scene.wording, target)
