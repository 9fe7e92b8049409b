"""What the composer shows: the preview, the panel under it, and the last questions."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from conversations.broadcasts import broadcast_view, draft_choices
from conversations.broadcasts.audience_filter import ALL_SUBSCRIBERS
from conversations.broadcasts.broadcast_view import moment
from conversations.broadcasts.draft_choices import back
from conversations.broadcasts.draft_context import DraftContext
from conversations.broadcasts.draft_facts import SavedDraft
from conversations.broadcasts.price import (
    FEW,
    FREE_RATE,
    PAID_RATE,
    RATE,
    messages_per_person,
    most_stars,
)
from conversations.core.buttons.broadcasts import DRAFT_ID_DIGITS, ApproveButton, DraftAction
from conversations.core.replies import (
    Keyboard,
    OtherChat,
    PersistentButton,
    Preview,
    Say,
)
from conversations.model.broadcast import WAITING_STATES, BroadcastState, BroadcastStatus
from conversations.model.staff_inputs import DraftPage
from conversations.text import countries
from conversations.text.html import Html
from conversations.text.languages import own_name
from conversations.text.wording import Wording, raw

# --- the preview ----------------------------------------------------------------------------------


def preview(draft: DraftContext, language: str) -> Preview:
    """Return the broadcast as a person sees it who speaks `language`."""
    deployment, broadcast = draft.context.deployment, draft.broadcast
    below = deployment.wording(language).say("update.below_album")
    keyboard = broadcast_view.keyboard(deployment, broadcast, language)
    return Preview(broadcast.version(language), keyboard, below)


def previews(draft: DraftContext) -> tuple[Preview, ...]:
    """Return each version as its subscribers see it."""
    return tuple(preview(draft, language) for language in draft.broadcast.versions)


def approval_request(draft: DraftContext, content: str, language: str) -> Say:
    """Return the question to a colleague under the preview, in the colleague's language.

    `content` is the digest of what the colleague sees.
    """
    wording = draft.context.deployment.staff_wording(language)
    text = wording.say("compose.eyes", people=raw(_people(wording, draft.people)))
    button = ApproveButton(draft.broadcast.id[:DRAFT_ID_DIGITS], content)
    return Say(text, ((PersistentButton(wording.label("button.compose_good"), button),),))


# --- the pages ------------------------------------------------------------------------------------


def page(draft: DraftContext) -> Say:
    """Return the open page. Raises FactMissing."""
    say = draft.context.wording.say
    match draft.page:
        case DraftPage.CONTENT:
            return _content(draft)
        case DraftPage.PANEL:
            return Say(_summary(draft), _panel_buttons(draft))
        case DraftPage.CONFIRM:
            return _confirm(draft)
        case DraftPage.COST:
            return _cost(draft)
        case DraftPage.LATER:
            zone = draft.button("button.compose_zone", DraftAction.GO, DraftPage.ZONE)
            now = draft.button("button.compose_now", DraftAction.AT_ONCE)
            return Say(say("compose.later", zone=draft.zone), back(draft, (zone, now)))
        case DraftPage.ZONE | DraftPage.LINK as typed:
            return Say(say(f"compose.{typed}"), back(draft))
        case DraftPage.VERSION:
            return Say(say("compose.version"), back(draft, *draft_choices.versions(draft)))
        case DraftPage.BUTTON:
            return Say(say("compose.button"), back(draft, *draft_choices.buttons(draft)))
        case other:
            return Say(_summary(draft), back(draft, *draft_choices.audience(draft, other)))


def _content(draft: DraftContext) -> Say:
    composing, wording = draft.context.journey.composing, draft.context.wording
    if draft.broadcast.versions and composing:
        text = wording.say("compose.content_in", language=own_name(composing.language))
        return Say(text, back(draft))
    cancel = (draft.button("button.cancel", DraftAction.CANCEL),)
    return Say(wording.say("compose.content"), (cancel,))


def _summary(draft: DraftContext) -> Html:
    """Return who gets the broadcast, when, and in which languages."""
    wording, broadcast = draft.context.wording, draft.broadcast
    scope, count = broadcast.audience.scope, raw(people(draft))
    if scope == ALL_SUBSCRIBERS:
        lines = [wording.say("compose.who_of_all", people=count)]
    else:
        title = draft.context.title(scope)
        lines = [wording.say("compose.who", title=title, people=count)]
    if draft.original:
        lines.insert(0, _about_original(draft, draft.original, "compose.replaces"))
    if filters := _audience_filters(draft):
        lines.append(wording.say("compose.narrowed", what=", ".join(filters)))
    if len(broadcast.versions) > 1:
        lines.append(wording.say("compose.versions", languages=_names(broadcast.versions)))
    if broadcast.at is not None:
        lines.append(wording.say("compose.at", time=moment(wording, broadcast.at, draft.zone)))
    if draft.approved:
        lines.append(wording.say("compose.approved"))
    elif draft.needs_approval:
        most = draft.context.deployment.approval_above
        lines.append(wording.say("compose.wants_eyes", most=most))
    return Html("\n".join(lines))


def _about_original(draft: DraftContext, original: SavedDraft, key: str) -> Html:
    """Return the text of `key`, or of its variant for a missed broadcast, about what is edited."""
    wording, at = draft.context.wording, original.broadcast.at
    if original.state is BroadcastStatus.MISSED or at is None:
        return wording.say(f"{key}_missed")
    return wording.say(key, time=moment(wording, at, draft.zone))


def discarded(draft: DraftContext) -> Html:
    """Return the answer when a draft is discarded: a broadcast that it edits stays as it is."""
    if draft.original:
        return _about_original(draft, draft.original, "compose.kept")
    return draft.context.wording.say("compose.cancelled")


def _audience_filters(draft: DraftContext) -> list[str]:
    audience, wording = draft.broadcast.audience, draft.context.wording
    filters: list[str] = []
    if audience.acted is not None:
        filters.append(wording.label("compose.acted" if audience.acted else "compose.not_acted"))
    if audience.languages:
        filters.append(_names(audience.languages))
    language = draft.context.journey.language
    filters += [countries.name(code, language) for code in audience.countries]
    if audience.since is not None:
        filters.append(wording.label("compose.since", day=wording.day(audience.since.date())))
    return filters


def _names(languages: Iterable[str]) -> str:
    return ", ".join(own_name(tag) for tag in languages)


def _panel_buttons(draft: DraftContext) -> Keyboard:
    go = partial(draft_choices.go, draft)
    return (
        (go(DraftPage.AUDIENCE), go(DraftPage.EXTRAS)),
        (
            draft.button("button.compose_test", DraftAction.TEST),
            draft.button("button.compose_eyes", DraftAction.ASK_APPROVAL),
        ),
        (go(DraftPage.LATER), draft.button("button.cancel", DraftAction.CANCEL)),
        (draft.button("button.compose_continue", DraftAction.GO, DraftPage.CONFIRM),),
    )


# --- the last questions ---------------------------------------------------------------------------


def _confirm(draft: DraftContext) -> Say:
    """Return the last question: how many people get it, when, and how long sending takes."""
    wording, broadcast = draft.context.wording, draft.broadcast
    paid = draft.context.deployment.paid_broadcasts
    calls = min(2, messages_per_person(broadcast))  # an album is one call, its buttons another
    minutes = max(1, -(-draft.people * calls // ((PAID_RATE if paid else RATE) * 60)))
    now = wording.label("compose.now")
    hold = draft.hold_until
    if hold is not None and (broadcast.at is None or broadcast.at < hold):
        now = wording.label("compose.hold_time")
        broadcast = replace(broadcast, at=None)
    time = moment(wording, broadcast.at, draft.zone) if broadcast.at else now
    text = wording.say("compose.confirm", people=raw(people(draft)), time=time, count=minutes)
    if hold is not None:
        text = Html(f"{text}\n\n{wording.say('compose.hold')}")
    text = _with_notice_of_others(draft, text)
    action, token = (DraftAction.COST, "") if paid else (DraftAction.SEND, draft.token)
    send = draft.button("button.compose_send", action, token, people=raw(people(draft)))
    if draft.state in WAITING_STATES:
        return Say(text, ((send,), _not_yet(draft)))
    key = "button.compose_again_on" if broadcast.again else "button.compose_again"
    retry = (draft.button(key, DraftAction.RETRY_UNCERTAIN),)
    return Say(text, ((send,), retry, _not_yet(draft)))


def _cost(draft: DraftContext) -> Say:
    """Return the question about what sending costs."""
    count = most_stars(draft.broadcast, draft.people)
    text = draft.context.wording.say("compose.cost", count=count, free=FREE_RATE)
    send = draft.button("button.compose_pay", DraftAction.SEND, draft.token, count=count)
    return Say(text, ((send,), _not_yet(draft)))


def _not_yet(draft: DraftContext) -> tuple[PersistentButton, ...]:
    return (draft.button("button.compose_not_yet", DraftAction.GO, DraftPage.PANEL),)


def _with_notice_of_others(draft: DraftContext, text: Html) -> Html:
    """Return `text`, and say after it if another broadcast is being sent."""
    if not draft.sending_now:
        return text
    return Html(f"{text}\n\n{draft.context.wording.say('compose.going')}")


# --- after the confirmation -----------------------------------------------------------------------


def confirmed(draft: DraftContext) -> Say:
    """Return the answer to the confirmation; the progress is shown by another message."""
    if draft.broadcast.at is None:
        text = draft.context.wording.say("compose.sending", people=raw(people(draft)))
        return Say(_with_notice_of_others(draft, text))
    return _waiting(draft, BroadcastStatus.SCHEDULED)


def waiting(draft: DraftContext) -> Say:
    """Return how a broadcast waits, with what can be done about it."""
    return _waiting(draft, draft.state)


def _waiting(draft: DraftContext, state: BroadcastStatus) -> Say:
    id_, at = draft.broadcast.id, draft.broadcast.at
    progress = BroadcastState(
        id_, state, 0, {}, at=at, zone=draft.zone, mine=draft.mine, held=draft.held
    )
    return broadcast_view.progress(draft.context.wording, progress)


def notices_to_colleagues(draft: DraftContext) -> tuple[OtherChat, ...]:
    """Return notices to colleagues, each in their language, if two broadcasts are sent at once."""
    if not draft.sending_now or draft.broadcast.at is not None:
        return ()
    name, wording = draft.context.facts.profile_name, draft.context.deployment.wording
    return tuple(
        OtherChat(chat, (Say(wording(language).say("compose.another", name=name)),))
        for chat, language in draft.colleagues
    )


def people(draft: DraftContext) -> Html:
    """Return how many people get the broadcast; below FEW, only that they are few."""
    return _people(draft.context.wording, draft.people)


def _people(wording: Wording, count: int) -> Html:
    return number_of_people(wording, count)


def number_of_people(wording: Wording, count: int) -> Html:
    """Return a number of people; below FEW, only that they are few."""
    return wording.say("compose.few") if count < FEW else wording.say("compose.people", count=count)
