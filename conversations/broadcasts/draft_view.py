"""What a composer shows: the preview, the panel under it, and its pages."""

from dataclasses import replace
from typing import Any

from conversations.broadcasts import broadcast_view
from conversations.broadcasts.broadcast_view import PREFIX, moment
from conversations.broadcasts.draft_context import DraftContext
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


def preview(desk: DraftContext, draft: Broadcast, language: str) -> Preview:
    """Return the update as whoever speaks `language` will see it."""
    deployment = desk.context.deployment
    below = broadcast_view.spoken(deployment, language).say("update.below_album")
    return Preview(
        draft.version(language), broadcast_view.keyboard(deployment, draft, language), below
    )


def previews(desk: DraftContext) -> tuple[Preview, ...]:
    """Return each version as its subscribers will see it."""
    return tuple(preview(desk, desk.kept, language) for language in desk.kept.versions)


def page(desk: DraftContext) -> Say:
    """Return the open page."""
    say = desk.context.wording.say
    match desk.page:
        case DraftPage.CONTENT:
            return _content(desk)
        case DraftPage.PANEL:
            return Say(_who(desk), _panel_buttons(desk))
        case DraftPage.CONFIRM:
            return _confirm(desk)
        case DraftPage.COST:
            return _cost(desk)
        case DraftPage.LATER:
            return Say(say("compose.later", zone=desk.zone), _back(desk, _later_row(desk)))
        case DraftPage.ZONE | DraftPage.LINK as waiting:
            return Say(say(f"compose.{waiting}"), _back(desk))
        case DraftPage.VERSION:
            rows = _listed(desk, "write", [(tag, own_name(tag)) for tag in desk.writable])
            return Say(say("compose.version"), _back(desk, *rows))
        case DraftPage.BUTTON:
            return Say(say("compose.button"), _back(desk, *_button_rows(desk)))
        case other:
            return Say(_who(desk), _back(desk, *_choices(desk, other)))


def question(desk: DraftContext, draft: Broadcast, content: str, language: str) -> Say:
    """Return what a colleague is asked under the preview, in their language."""
    wording = wording_of(desk, language)
    text = wording.say("compose.eyes", people=raw(_people(wording, desk.people)))
    label = wording.label("button.compose_good")
    return Say(text, ((PersistentButton(label, f"eyes:{draft.id}:{content}"),),))


def confirmed(desk: DraftContext, draft: Broadcast) -> Say:
    """Return what is said once it was confirmed; its progress is another message's."""
    if draft.at is None:
        text = desk.context.wording.say("compose.sending", people=raw(people(desk)))
        return Say(_beside(desk, text))
    return waits(replace(desk, draft=draft, state=BroadcastStatus.SCHEDULED))


def waits(desk: DraftContext) -> Say:
    """Return how an update waits, with what can be done about it."""
    draft = desk.kept
    facts = BroadcastState(draft.id, desk.state, 0, {}, at=draft.at, zone=desk.zone, mine=desk.mine)
    return broadcast_view.progress(desk.context.wording, facts)


def others(desk: DraftContext, draft: Broadcast) -> tuple[OtherChat, ...]:
    """Return what the others are told, each in their language, where two updates go at once."""
    if not desk.going or draft.at is not None:
        return ()
    name = desk.context.facts.profile_name
    return tuple(
        OtherChat(chat, (Say(wording_of(desk, language).say("compose.another", name=name)),))
        for chat, language in desk.colleagues
    )


def people(desk: DraftContext) -> Html:
    """Return how many get it, never so exactly that it could be somebody."""
    return _people(desk.context.wording, desk.people)


def _people(wording: Wording, count: int) -> Html:
    return wording.say("compose.few") if count < FEW else wording.say("compose.people", count=count)


def wording_of(desk: DraftContext, language: str) -> Wording:
    """Return the bot's words in the language of somebody else."""
    return broadcast_view.spoken(desk.context.deployment, language)


def _content(desk: DraftContext) -> Say:
    composing, wording = desk.context.journey.composing, desk.context.wording
    if desk.kept.versions and composing:
        text = wording.say("compose.content_in", language=own_name(composing.language))
        return Say(text, _back(desk))
    cancel = (desk.button("button.cancel", "cancel"),)
    return Say(wording.say("compose.content"), (cancel,))


def _who(desk: DraftContext) -> Html:
    """Return who gets it, when, and in which languages."""
    wording, draft = desk.context.wording, desk.kept
    scope = draft.audience.scope
    everyone = wording.label("compose.everyone")
    title = everyone if scope == "*" else f"“{desk.context.title(scope)}”"
    lines = [wording.say("compose.who", title=title, people=raw(people(desk)))]
    if narrowed := _narrowed(desk):
        lines.append(wording.say("compose.narrowed", what=", ".join(narrowed)))
    if len(draft.versions) > 1:
        lines.append(wording.say("compose.versions", languages=_names(draft.versions)))
    if draft.at is not None:
        lines.append(wording.say("compose.at", time=moment(wording, draft.at, desk.zone)))
    if desk.approved:
        lines.append(wording.say("compose.approved"))
    elif desk.wants_eyes:
        lines.append(wording.say("compose.wants_eyes", most=desk.eyes_above or 0))
    return Html("\n".join(lines))


def _narrowed(desk: DraftContext) -> list[str]:
    audience, wording = desk.kept.audience, desk.context.wording
    said: list[str] = []
    if audience.acted is not None:
        said.append(wording.label("compose.acted" if audience.acted else "compose.not_acted"))
    if audience.languages:
        said.append(_names(audience.languages))
    language = desk.context.journey.language
    said += [countries.name(code, language) for code in audience.countries]
    if audience.since is not None:
        said.append(wording.label("compose.since", day=wording.day(audience.since.date())))
    return said


def _names(languages: Any) -> str:
    return ", ".join(own_name(tag) for tag in languages)


def _panel_buttons(desk: DraftContext) -> Keyboard:
    def go(page: DraftPage) -> PersistentButton:
        return desk.button(f"button.compose_{page}", f"go:{page}")

    return (
        (go(DraftPage.CAMPAIGN), go(DraftPage.ACTED)),
        (go(DraftPage.LANGUAGE), go(DraftPage.COUNTRY)),
        (go(DraftPage.VERSION), go(DraftPage.BUTTON)),
        (
            desk.button("button.compose_test", "test"),
            desk.button("button.compose_eyes", "eyes"),
        ),
        (go(DraftPage.LATER), desk.button("button.cancel", "cancel")),
        (desk.button("button.compose_continue", f"go:{DraftPage.CONFIRM}"),),
    )


def _confirm(desk: DraftContext) -> Say:
    """Return the last question: to how many, when, and for how long it is going to take."""
    wording, draft = desk.context.wording, desk.kept
    rate = PAID_RATE if desk.paid else RATE
    calls = min(2, messages(draft))  # an album goes in one, and its buttons in another
    minutes = max(1, -(-desk.people * calls // (rate * 60)))
    now = wording.label("compose.now")
    time = moment(wording, draft.at, desk.zone) if draft.at else now
    text = wording.say("compose.confirm", people=raw(people(desk)), time=time, count=minutes)
    text = _beside(desk, text)
    after = "cost" if desk.paid else f"send:{desk.token}"
    send = desk.button("button.compose_send", after, people=raw(people(desk)))
    not_yet = (desk.button("button.compose_not_yet", "go:panel"),)
    if desk.state in UNSENT:
        return Say(text, ((send,), not_yet))
    key = "button.compose_again_on" if draft.again else "button.compose_again"
    return Say(text, ((send,), (desk.button(key, "again"),), not_yet))


def _beside(desk: DraftContext, text: Html) -> Html:
    """Return what is told of an update, and that another one is going out, where that is so."""
    if not desk.going:
        return text
    return Html(f"{text}\n\n{desk.context.wording.say('compose.going')}")


def _cost(desk: DraftContext) -> Say:
    """Return the question after the last one, where it costs something."""
    count = stars(desk)
    text = desk.context.wording.say("compose.cost", count=count, free=FREE_RATE)
    send = desk.button("button.compose_pay", f"send:{desk.token}", count=count)
    return Say(text, ((send,), (desk.button("button.compose_not_yet", "go:panel"),)))


def stars(desk: DraftContext) -> int:
    """Return the most that the draft can cost, as if none of it were free.

    Of how few it is for, as the figure would tell, it says no more than `FEW` does.
    """
    return -(-max(desk.people, FEW - 1) * messages(desk.kept) // A_STAR)


def messages(draft: Broadcast) -> int:
    """Return how many messages a person gets, in the longest of its versions."""
    return max(
        len(parts) + (len(parts) > 1 and bool(parts[-1].album)) for parts in draft.versions.values()
    )


def _choices(desk: DraftContext, page: DraftPage) -> Keyboard:
    audience, wording = desk.kept.audience, desk.context.wording
    match page:
        case DraftPage.CAMPAIGN:
            titles = [
                (slug, desk.context.title(slug)) for slug in desk.context.deployment.campaigns
            ]
            everyone = ("*", wording.label("compose.everyone"))
            rows = _listed(desk, "scope", [*titles, everyone], (audience.scope,), in_a_row=1)
            days = [(days, wording.label(f"compose.days_{days}")) for days in ("7", "30", "0")]
            return (*rows, *_listed(desk, "since", days))
        case DraftPage.ACTED:
            said = {True: "yes", False: "no", None: "any"}[audience.acted]
            labels = [
                (each, wording.label(f"compose.acted_{each}")) for each in ("yes", "no", "any")
            ]
            return _listed(desk, "acted", labels, (said,), in_a_row=1)
        case DraftPage.LANGUAGE:
            spoken = [(tag, own_name(tag)) for tag in desk.languages(audience.scope)]
            return _listed(desk, "lang", spoken, audience.languages)
        case _:
            language = desk.context.journey.language
            given = [(c, countries.name(c, language)) for c in desk.countries(audience.scope)]
            return _listed(desk, "country", given, audience.countries)


def _button_rows(desk: DraftContext) -> Keyboard:
    slugs = desk.context.deployment.campaigns
    label = desk.context.wording.label
    rows = [
        _listed(desk, kind, [(slug, label(f"compose.{kind}", title=desk.context.title(slug)))])
        for slug in slugs
        for kind in ("act", "share")
    ]
    link = (desk.button("button.compose_link", f"go:{DraftPage.LINK}"),)
    plain = (desk.button("button.compose_plain", "plain"),)
    return (*(row for each in rows for row in each), link, plain)


def _later_row(desk: DraftContext) -> tuple[PersistentButton, ...]:
    return (desk.button("button.compose_now", "now"),)


def _listed(
    desk: DraftContext,
    kind: str,
    choices: list[tuple[str, str]],
    chosen: tuple[str, ...] = (),
    *,
    in_a_row: int = _IN_A_ROW,
) -> Keyboard:
    """Return choices as buttons, those that hold with a tick."""
    prefix = f"b:{desk.kept.id[:PREFIX]}:{kind}"
    buttons = [
        PersistentButton(f"✓ {label}" if value in chosen else label, f"{prefix}:{value}")
        for value, label in choices[:_MOST_CHOICES]
    ]
    return tuple(tuple(buttons[i : i + in_a_row]) for i in range(0, len(buttons), in_a_row))


def _back(desk: DraftContext, *rows: tuple[Any, ...]) -> Keyboard:
    return (*(row for row in rows if row), (desk.button("button.back", f"go:{DraftPage.PANEL}"),))
