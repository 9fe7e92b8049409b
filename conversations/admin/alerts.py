"""What admins are told: what it means first, the server's code last, and what can be done."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from conversations.core.facts import AlertFacts, AlertKind, Deployment
from conversations.core.replies import Keyboard, PersistentButton, Say
from conversations.text.html import Html, plain
from conversations.text.wording import Wording

# What is about our account with the mail server (RFC 3463, 3.8; RFC 4954, section 6).
_LOG_IN = (530, 534, 535, 538)
BUTTONS = {
    "resume": AlertKind.REFUSED,
    "show": AlertKind.REFUSED,
    "again": AlertKind.DOUBTFUL,
    "leave": AlertKind.DOUBTFUL,
    "seen": AlertKind.BOUNCED,
    "try": AlertKind.SERVER,
}
"""What the buttons under alerts are called, and about which kind they are."""

TAKE = "got"
"""The button of whoever sees to an alert; it names the one alert."""

URGENT = frozenset(
    (AlertKind.SERVER, AlertKind.REFUSED, AlertKind.FULL, AlertKind.SLOW, AlertKind.CLOCK)
)
"""What comes with sound, and by mail too."""

NEED_A_HAND = URGENT | {AlertKind.FILES, AlertKind.LATE}
"""What somebody should see to: the others are told who does."""

FLAPPING = NEED_A_HAND - {AlertKind.REFUSED} | {
    AlertKind.SURGE,
    AlertKind.LULL,
    AlertKind.RETURNS,
    AlertKind.REFUSALS,
}
"""What ends by itself. Where it soon comes again, it is the same alert, which rings no more."""

CALM = timedelta(minutes=10)
"""How soon that is."""

_WORDS = re.compile(r"\s+")
_MOST_WORDS = 200


def alert(deployment: Deployment, language: str, facts: AlertFacts) -> Say:
    """Return the words of an alert, who has got it, and its buttons until it is over."""
    wording = Wording(language, deployment.show_keys)
    shown = _alert(deployment, language, facts)
    if facts.ended is not None or facts.kind not in NEED_A_HAND:
        return shown
    if facts.holder is None:
        take = PersistentButton(wording.label("button.got_it"), f"{TAKE}:{facts.id}")
        return replace(shown, keyboard=((take,), *shown.keyboard))
    key = "alert.held_mine" if facts.holder.mine else "alert.held"
    name, clock = facts.holder.name or "…", wording.clock(facts.holder.since)
    held = wording.say(key, name=name, at=clock)
    return replace(shown, text=Html(f"{shown.text}\n\n{held}"))


def by_mail(deployment: Deployment, language: str, kind: AlertKind, text: Html) -> tuple[str, str]:
    """Return subject and text of the mail that says what an alert does."""
    label = Wording(language, deployment.show_keys).label
    name, bot = label(f"alert.name_{kind}"), deployment.username
    return (
        label("alert.mail_subject", name=name, bot=bot),
        label("alert.mail_text", text=plain(text), bot=bot),
    )


def full(deployment: Deployment, language: str, *, over: bool) -> Say:
    """Return what is told of a database that keeps nothing more, not even its alert."""
    wording = Wording(language, deployment.show_keys)
    return Say(wording.say("alert.full_over" if over else "alert.full_now"))


def _alert(deployment: Deployment, language: str, facts: AlertFacts) -> Say:
    wording = Wording(language, deployment.show_keys)
    values: dict[str, str | int] = {
        "title": title(deployment, language, facts.about),
        "at": f"{wording.day(facts.since.date())}, {wording.clock(facts.since)}",
        "said": said(wording, facts.smtp_code, facts.smtp_text),
        "waiting": facts.waiting,
    }
    if facts.ended is not None:
        return Say(wording.say(f"alert.{facts.kind}_over", **values))
    match facts.kind:
        case AlertKind.REFUSED:
            return Say(wording.say("alert.refused", **values), refused_buttons(wording, facts))
        case AlertKind.DOUBTFUL:
            again = PersistentButton(wording.label("button.send_again"), f"again:{facts.about}")
            leave = PersistentButton(wording.label("button.leave"), f"leave:{facts.about}")
            text = wording.say("alert.doubtful", count=facts.held, **values)
            return Say(text, ((again,), (leave,)))
        case AlertKind.BOUNCED:
            seen = PersistentButton(wording.label("button.seen"), f"seen:{facts.about}")
            text = wording.say("alert.bounced", count=facts.letters, **values)
            return Say(text, ((seen,),))
        case AlertKind.SERVER:
            text = wording.say(f"alert.server_{_trouble(facts)}", **values)
            return Say(text, _server_buttons(wording))
        case AlertKind.SURGE | AlertKind.LULL | AlertKind.RETURNS | AlertKind.REFUSALS:
            found = {"count": facts.letters, "usual": facts.usual}
            return Say(wording.say(f"alert.{facts.kind}", **found, **values))
        case AlertKind.LATE if facts.what:
            return Say(wording.say("alert.late_catching", **values))
        case AlertKind.SLOW:
            return Say(wording.say("alert.slow", **values))
        case AlertKind.FULL | AlertKind.FILES | AlertKind.CLOCK | AlertKind.LATE:
            found = {"count": facts.letters}
            return Say(wording.say(f"alert.{facts.kind}", what=facts.what, **found, **values))
        case unreachable:
            assert_never(unreachable)


def refused_buttons(wording: Wording, facts: AlertFacts) -> Keyboard:
    """Return what can be done about a campaign that paused itself."""
    resume = PersistentButton(wording.label("button.resume"), f"resume:{facts.about}")
    show = PersistentButton(wording.label("button.show"), f"show:{facts.about}")
    return ((resume, show),)


def _server_buttons(wording: Wording) -> Keyboard:
    """Return what can be done while the mail server takes nothing."""
    now = PersistentButton(wording.label("button.try_now"), "try:")
    pause = PersistentButton(wording.label("button.all_pause"), "status:ask")
    return ((now, pause),)


def title(deployment: Deployment, language: str, slug: str) -> str:
    """Return what a campaign is called; one that is gone has its slug only."""
    campaign = deployment.campaigns.get(slug)
    return campaign.text(language).title if campaign else slug


def said(wording: Wording, code: int | None, words: str) -> str:
    """Return what a mail server said, its code first and once, short enough to be read."""
    shown = _WORDS.sub(" ", words).strip()
    if code and not shown.startswith(str(code)):
        shown = f"{code} {shown}".strip()
    if not shown:
        return wording.label("alert.no_words")
    return shown if len(shown) <= _MOST_WORDS else f"{shown[:_MOST_WORDS]}…"


def _trouble(facts: AlertFacts) -> str:
    if facts.smtp_code in _LOG_IN:
        return "login"
    return "refuses" if facts.smtp_code else "away"
