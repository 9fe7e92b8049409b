"""What a composer shows: the preview, the panel under it, and its pages."""

from dataclasses import replace
from typing import Any

from conversations.broadcasts import broadcast_view
from conversations.broadcasts.broadcast_view import PREFIX, moment
from conversations.broadcasts.draft_context import (
    AudienceCountries,
    AudienceLanguages,
    DraftContext,
)
from conversations.core.replies import (
    Keyboard,
    OtherChat,
    PersistentButton,
    Preview,
    Say,
)
from conversations.model.broadcast import (
    UNSENT,
    Broadcast,
    BroadcastState,
    BroadcastStatus,
)
from conversations.model.journey import DraftPage
from conversations.text import countries
from conversations.text.html import Html
from conversations.text.wording import Wording, own_name, raw

RATE, PAID_RATE, FREE_RATE = 25, 1000, 30
"""Messages a second: those of an update, of one that is paid for, and those that are free then
(Bot API, allow_paid_broadcast; Bots FAQ, "Broadcasting to users")."""

A_STAR = 10
"""How many paid messages one Star pays for (the same: "0.1 Telegram Stars per message")."""

FEW = 5
"""Below so many nobody is told how many there are: a figure could be somebody."""

_IN_A_ROW = 3
_MOST_CHOICES = 30


def preview(draft: DraftContext, broadcast: Broadcast, language: str) -> Preview:
    """Return the update as whoever speaks `language` will see it."""
    deployment = draft.context.deployment
    below = broadcast_view.spoken(deployment, language).say("update.below_album")
    return Preview(
        broadcast.version(language), broadcast_view.keyboard(deployment, broadcast, language), below
    )


def previews(draft: DraftContext) -> tuple[Preview, ...]:
    """Return each version as its subscribers will see it."""
    return tuple(preview(draft, draft.broadcast, language) for language in draft.broadcast.versions)


def page(draft: DraftContext) -> Say:
    """Return the open page."""
    say = draft.context.wording.say
    match draft.page:
        case DraftPage.CONTENT:
            return _content(draft)
        case DraftPage.PANEL:
            return Say(_who(draft), _panel_buttons(draft))
        case DraftPage.CONFIRM:
            return _confirm(draft)
        case DraftPage.COST:
            return _cost(draft)
        case DraftPage.LATER:
            return Say(say("compose.later", zone=draft.zone), _back(draft, _later_row(draft)))
        case DraftPage.ZONE | DraftPage.LINK as waiting:
            return Say(say(f"compose.{waiting}"), _back(draft))
        case DraftPage.VERSION:
            rows = _listed(draft, "write", [(tag, own_name(tag)) for tag in draft.writable])
            return Say(say("compose.version"), _back(draft, *rows))
        case DraftPage.BUTTON:
            return Say(say("compose.button"), _back(draft, *_button_rows(draft)))
        case other:
            return Say(_who(draft), _back(draft, *_choices(draft, other)))


def question(draft: DraftContext, broadcast: Broadcast, content: str, language: str) -> Say:
    """Return what a colleague is asked under the preview, in their language."""
    wording = wording_of(draft, language)
    text = wording.say("compose.eyes", people=raw(_people(wording, draft.people)))
    label = wording.label("button.compose_good")
    return Say(text, ((PersistentButton(label, f"eyes:{broadcast.id}:{content}"),),))


def confirmed(draft: DraftContext, broadcast: Broadcast) -> Say:
    """Return what is said once it was confirmed; its progress is another message's."""
    if broadcast.at is None:
        text = draft.context.wording.say("compose.sending", people=raw(people(draft)))
        return Say(_beside(draft, text))
    return waits(replace(draft, saved=broadcast, state=BroadcastStatus.SCHEDULED))


def waits(draft: DraftContext) -> Say:
    """Return how an update waits, with what can be done about it."""
    broadcast = draft.broadcast
    facts = BroadcastState(
        broadcast.id, draft.state, 0, {}, at=broadcast.at, zone=draft.zone, mine=draft.mine
    )
    return broadcast_view.progress(draft.context.wording, facts)


def others(draft: DraftContext, broadcast: Broadcast) -> tuple[OtherChat, ...]:
    """Return what the others are told, each in their language, where two updates go at once."""
    if not draft.others_sending or broadcast.at is not None:
        return ()
    name = draft.context.facts.profile_name
    return tuple(
        OtherChat(chat, (Say(wording_of(draft, language).say("compose.another", name=name)),))
        for chat, language in draft.colleagues
    )


def people(draft: DraftContext) -> Html:
    """Return how many get it, never so exactly that it could be somebody."""
    return _people(draft.context.wording, draft.people)


def _people(wording: Wording, count: int) -> Html:
    return wording.say("compose.few") if count < FEW else wording.say("compose.people", count=count)


def wording_of(draft: DraftContext, language: str) -> Wording:
    """Return the bot's words in the language of somebody else."""
    return broadcast_view.spoken(draft.context.deployment, language)


def _content(draft: DraftContext) -> Say:
    composing, wording = draft.context.journey.composing, draft.context.wording
    if draft.broadcast.versions and composing:
        text = wording.say("compose.content_in", language=own_name(composing.language))
        return Say(text, _back(draft))
    cancel = (draft.button("button.cancel", "cancel"),)
    return Say(wording.say("compose.content"), (cancel,))


def _who(draft: DraftContext) -> Html:
    """Return who gets it, when, and in which languages."""
    wording, broadcast = draft.context.wording, draft.broadcast
    scope = broadcast.audience.scope
    everyone = wording.label("compose.everyone")
    title = everyone if scope == "*" else f"“{draft.context.title(scope)}”"
    lines = [wording.say("compose.who", title=title, people=raw(people(draft)))]
    if narrowed := _narrowed(draft):
        lines.append(wording.say("compose.narrowed", what=", ".join(narrowed)))
    if len(broadcast.versions) > 1:
        lines.append(wording.say("compose.versions", languages=_names(broadcast.versions)))
    if broadcast.at is not None:
        lines.append(wording.say("compose.at", time=moment(wording, broadcast.at, draft.zone)))
    if draft.approved:
        lines.append(wording.say("compose.approved"))
    elif draft.needs_approval:
        lines.append(
            wording.say("compose.wants_eyes", most=draft.context.deployment.approval_above or 0)
        )
    return Html("\n".join(lines))


def _narrowed(draft: DraftContext) -> list[str]:
    audience, wording = draft.broadcast.audience, draft.context.wording
    said: list[str] = []
    if audience.acted is not None:
        said.append(wording.label("compose.acted" if audience.acted else "compose.not_acted"))
    if audience.languages:
        said.append(_names(audience.languages))
    language = draft.context.journey.language
    said += [countries.name(code, language) for code in audience.countries]
    if audience.since is not None:
        said.append(wording.label("compose.since", day=wording.day(audience.since.date())))
    return said


def _names(languages: Any) -> str:
    return ", ".join(own_name(tag) for tag in languages)


def _panel_buttons(draft: DraftContext) -> Keyboard:
    def go(page: DraftPage) -> PersistentButton:
        return draft.button(f"button.compose_{page}", f"go:{page}")

    return (
        (go(DraftPage.CAMPAIGN), go(DraftPage.ACTED)),
        (go(DraftPage.LANGUAGE), go(DraftPage.COUNTRY)),
        (go(DraftPage.VERSION), go(DraftPage.BUTTON)),
        (
            draft.button("button.compose_test", "test"),
            draft.button("button.compose_eyes", "eyes"),
        ),
        (go(DraftPage.LATER), draft.button("button.cancel", "cancel")),
        (draft.button("button.compose_continue", f"go:{DraftPage.CONFIRM}"),),
    )


def _confirm(draft: DraftContext) -> Say:
    """Return the last question: to how many, when, and for how long it is going to take."""
    wording, broadcast = draft.context.wording, draft.broadcast
    rate = PAID_RATE if draft.context.deployment.paid_broadcasts else RATE
    calls = min(2, messages(broadcast))  # an album goes in one, and its buttons in another
    minutes = max(1, -(-draft.people * calls // (rate * 60)))
    now = wording.label("compose.now")
    time = moment(wording, broadcast.at, draft.zone) if broadcast.at else now
    text = wording.say("compose.confirm", people=raw(people(draft)), time=time, count=minutes)
    text = _beside(draft, text)
    after = "cost" if draft.context.deployment.paid_broadcasts else f"send:{draft.token}"
    send = draft.button("button.compose_send", after, people=raw(people(draft)))
    not_yet = (draft.button("button.compose_not_yet", "go:panel"),)
    if draft.state in UNSENT:
        return Say(text, ((send,), not_yet))
    key = "button.compose_again_on" if broadcast.again else "button.compose_again"
    return Say(text, ((send,), (draft.button(key, "again"),), not_yet))


def _beside(draft: DraftContext, text: Html) -> Html:
    """Return what is told of an update, and that another one is going out, where that is so."""
    if not draft.others_sending:
        return text
    return Html(f"{text}\n\n{draft.context.wording.say('compose.going')}")


def _cost(draft: DraftContext) -> Say:
    """Return the question after the last one, where it costs something."""
    count = stars(draft)
    text = draft.context.wording.say("compose.cost", count=count, free=FREE_RATE)
    send = draft.button("button.compose_pay", f"send:{draft.token}", count=count)
    return Say(text, ((send,), (draft.button("button.compose_not_yet", "go:panel"),)))


def stars(draft: DraftContext) -> int:
    """Return the most that the draft can cost, as if none of it were free.

    Of how few it is for, as the figure would tell, it says no more than `FEW` does.
    """
    return -(-max(draft.people, FEW - 1) * messages(draft.broadcast) // A_STAR)


def messages(broadcast: Broadcast) -> int:
    """Return how many messages a person gets, in the longest of its versions."""
    return max(
        len(parts) + (len(parts) > 1 and bool(parts[-1].album))
        for parts in broadcast.versions.values()
    )


def _choices(draft: DraftContext, page: DraftPage) -> Keyboard:
    audience, wording = draft.broadcast.audience, draft.context.wording
    match page:
        case DraftPage.CAMPAIGN:
            titles = [
                (slug, draft.context.title(slug)) for slug in draft.context.deployment.campaigns
            ]
            everyone = ("*", wording.label("compose.everyone"))
            rows = _listed(draft, "scope", [*titles, everyone], (audience.scope,), in_a_row=1)
            days = [(days, wording.label(f"compose.days_{days}")) for days in ("7", "30", "0")]
            return (*rows, *_listed(draft, "since", days))
        case DraftPage.ACTED:
            said = {True: "yes", False: "no", None: "any"}[audience.acted]
            labels = [
                (each, wording.label(f"compose.acted_{each}")) for each in ("yes", "no", "any")
            ]
            return _listed(draft, "acted", labels, (said,), in_a_row=1)
        case DraftPage.LANGUAGE:
            spoken = [
                (tag, own_name(tag))
                for tag in draft.context.fact(AudienceLanguages(audience.scope))
            ]
            return _listed(draft, "lang", spoken, audience.languages)
        case _:
            language = draft.context.journey.language
            given = [
                (c, countries.name(c, language))
                for c in draft.context.fact(AudienceCountries(audience.scope))
            ]
            return _listed(draft, "country", given, audience.countries)


def _button_rows(draft: DraftContext) -> Keyboard:
    slugs = draft.context.deployment.campaigns
    label = draft.context.wording.label
    rows = [
        _listed(draft, kind, [(slug, label(f"compose.{kind}", title=draft.context.title(slug)))])
        for slug in slugs
        for kind in ("act", "share")
    ]
    link = (draft.button("button.compose_link", f"go:{DraftPage.LINK}"),)
    plain = (draft.button("button.compose_plain", "plain"),)
    return (*(row for each in rows for row in each), link, plain)


def _later_row(draft: DraftContext) -> tuple[PersistentButton, ...]:
    return (draft.button("button.compose_now", "now"),)


def _listed(
    draft: DraftContext,
    kind: str,
    choices: list[tuple[str, str]],
    chosen: tuple[str, ...] = (),
    *,
    in_a_row: int = _IN_A_ROW,
) -> Keyboard:
    """Return choices as buttons, those that hold with a tick."""
    prefix = f"b:{draft.broadcast.id[:PREFIX]}:{kind}"
    buttons = [
        PersistentButton(f"✓ {label}" if value in chosen else label, f"{prefix}:{value}")
        for value, label in choices[:_MOST_CHOICES]
    ]
    return tuple(tuple(buttons[i : i + in_a_row]) for i in range(0, len(buttons), in_a_row))


def _back(draft: DraftContext, *rows: tuple[Any, ...]) -> Keyboard:
    return (*(row for row in rows if row), (draft.button("button.back", f"go:{DraftPage.PANEL}"),))
