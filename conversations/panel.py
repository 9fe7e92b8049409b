"""What a composer shows: the preview, the panel under it, and its pages."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from conversations import countries, moments, updating
from conversations.broadcast import Audience, Broadcast
from conversations.journey import Composing, Page
from conversations.replies import Elsewhere, Keyboard, Preview, Show, Standing
from conversations.rich import Html
from conversations.scene import Scene
from conversations.wording import Wording, offered, own_name, raw

RATE = 25
"""Messages a second that an update goes out with."""

FEW = 5
"""Below so many nobody is told how many there are: a figure could be somebody."""

_PREFIX = 12
_IN_A_ROW = 3
_MOST_CHOICES = 30


@dataclass(frozen=True)
class Review:
    """A colleague's update that this person was asked to look at; `content` is what they saw."""

    broadcast: Broadcast
    chat: int
    language: str
    content: str


@dataclass(frozen=True)
class Desk:
    """What a composer knows: the scene, the draft as it is kept, and whom it may ask.

    `count` tells how many people an audience has, `languages` and `countries` what those of a scope
    speak and gave. `going` is how many updates are being sent, `approved` the digest that somebody
    else found good, `eyes_above` how many people need that, None where nobody does.
    """

    scene: Scene
    count: Callable[[Audience], int]
    languages: Callable[[str], tuple[str, ...]]
    countries: Callable[[str], tuple[str, ...]]
    draft: Broadcast | None = None
    token: str = ""
    zone: str = ""
    colleagues: tuple[int, ...] = ()
    going: int = 0
    approved: bool = False
    eyes_above: int | None = None
    review: Review | None = None

    @property
    def kept(self) -> Broadcast:
        """The draft. ValueError where there is none."""
        if self.draft is None:
            raise ValueError("no draft")
        return self.draft

    @property
    def page(self) -> Page:
        """The page that is open."""
        composing = self.scene.journey.composing
        return composing.page if composing else Page.PANEL

    @property
    def people(self) -> int:
        """How many get the draft."""
        return self.count(self.kept.audience)

    @property
    def wants_eyes(self) -> bool:
        """Whether somebody else must find the draft good before it goes."""
        if self.eyes_above is None or self.approved:
            return False
        return self.people > self.eyes_above

    @property
    def writable(self) -> tuple[str, ...]:
        """The languages that a version may be in."""
        campaign = self.scene.house.campaigns.get(self.kept.audience.scope)
        spoken = campaign.languages if campaign else ()
        return tuple(dict.fromkeys((*self.kept.versions, *offered(), *spoken)))

    def keeping(self, draft: Broadcast) -> "Desk":
        """Return this desk with another draft on it; what was approved is another one."""
        same = self.draft is not None and _said(self.draft) == _said(draft)
        return replace(self, draft=draft, approved=self.approved and same)

    def changed(self, **values: Any) -> "Desk":
        """Return this desk with its draft changed."""
        return self.keeping(replace(self.kept, **values))

    def at(self, page: Page, *, language: str = "", album: str = "") -> "Desk":
        """Return this desk with `page` open."""
        composing = Composing(page, language, album)
        journey = replace(self.scene.journey, composing=composing)
        return replace(self, scene=self.scene.within(journey))


def _said(broadcast: Broadcast) -> tuple[object, ...]:
    return (broadcast.versions, broadcast.default, broadcast.buttons)


def preview(desk: Desk, draft: Broadcast, language: str) -> Preview:
    """Return the update as whoever speaks `language` will see it."""
    house = desk.scene.house
    below = updating.spoken(house, language).say("update.below_album")
    return Preview(draft.version(language), updating.keyboard(house, draft, language), below)


def page(desk: Desk) -> Show:
    """Return the open page."""
    say = desk.scene.wording.say
    match desk.page:
        case Page.CONTENT:
            return _content(desk)
        case Page.PANEL:
            return Show(_who(desk), _panel_buttons(desk))
        case Page.CONFIRM:
            return _confirm(desk)
        case Page.LATER:
            return Show(say("compose.later", zone=desk.zone), _back(desk, _later_row(desk)))
        case Page.ZONE | Page.LINK as waiting:
            return Show(say(f"compose.{waiting}"), _back(desk))
        case Page.VERSION:
            rows = _listed(desk, "write", [(tag, own_name(tag)) for tag in desk.writable])
            return Show(say("compose.version"), _back(desk, *rows))
        case Page.BUTTON:
            return Show(say("compose.button"), _back(desk, *_button_rows(desk)))
        case other:
            return Show(_who(desk), _back(desk, *_choices(desk, other)))


def question(desk: Desk, draft: Broadcast, content: str) -> Show:
    """Return what a colleague is asked under the preview."""
    wording = desk.scene.wording
    text = wording.say("compose.eyes", people=raw(people(desk)))
    label = wording.label("button.compose_good")
    return Show(text, ((Standing(label, f"eyes:{draft.id}:{content}"),),))


def confirmed(desk: Desk, draft: Broadcast) -> Html:
    """Return what is said once it was confirmed; its progress is another message's."""
    if draft.at is None:
        return desk.scene.wording.say("compose.sending", people=raw(people(desk)))
    return desk.scene.wording.say("compose.scheduled", time=_time(desk), zone=desk.zone)


def others(desk: Desk) -> tuple[Elsewhere, ...]:
    """Return what the others are told, where two updates go at once."""
    if not desk.going:
        return ()
    text = desk.scene.wording.say("compose.another")
    return tuple(Elsewhere(chat, (Show(text),)) for chat in desk.colleagues)


def people(desk: Desk) -> Html:
    """Return how many get it, never so exactly that it could be somebody."""
    count = desk.people
    if count < FEW:
        return desk.scene.wording.say("compose.few")
    return desk.scene.wording.say("compose.people", count=count)


def wording_of(desk: Desk, language: str) -> Wording:
    """Return the bot's words in the language of somebody else."""
    return updating.spoken(desk.scene.house, language)


def _content(desk: Desk) -> Show:
    composing, wording = desk.scene.journey.composing, desk.scene.wording
    if desk.kept.versions and composing:
        text = wording.say("compose.content_in", language=own_name(composing.language))
        return Show(text, _back(desk))
    cancel = (_button(desk, "button.cancel", "cancel"),)
    return Show(wording.say("compose.content"), (cancel,))


def _who(desk: Desk) -> Html:
    """Return who gets it, when, and in which languages."""
    wording, draft = desk.scene.wording, desk.kept
    scope = draft.audience.scope
    everyone = wording.label("compose.everyone")
    title = everyone if scope == "*" else f"“{desk.scene.title(scope)}”"
    lines = [wording.say("compose.who", title=title, people=raw(people(desk)))]
    if narrowed := _narrowed(desk):
        lines.append(wording.say("compose.narrowed", what=", ".join(narrowed)))
    if len(draft.versions) > 1:
        lines.append(wording.say("compose.versions", languages=_names(draft.versions)))
    if draft.at is not None:
        lines.append(wording.say("compose.at", time=_time(desk), zone=desk.zone))
    if desk.approved:
        lines.append(wording.say("compose.approved"))
    elif desk.wants_eyes:
        lines.append(wording.say("compose.wants_eyes", most=desk.eyes_above or 0))
    return Html("\n".join(lines))


def _narrowed(desk: Desk) -> list[str]:
    audience, wording = desk.kept.audience, desk.scene.wording
    said: list[str] = []
    if audience.acted is not None:
        said.append(wording.label("compose.acted" if audience.acted else "compose.not_acted"))
    if audience.languages:
        said.append(_names(audience.languages))
    language = desk.scene.journey.language
    said += [countries.name(code, language) for code in audience.countries]
    if audience.since is not None:
        said.append(wording.label("compose.since", day=wording.day(audience.since.date())))
    return said


def _names(languages: Any) -> str:
    return ", ".join(own_name(tag) for tag in languages)


def _time(desk: Desk) -> str:
    at = desk.kept.at
    if at is None:
        return ""
    here = at.astimezone(moments.zone(desk.zone or "UTC"))
    return f"{desk.scene.wording.day(here.date())}, {here:%H:%M}"


def _panel_buttons(desk: Desk) -> Keyboard:
    def go(page: Page) -> Standing:
        return _button(desk, f"button.compose_{page}", f"go:{page}")

    return (
        (go(Page.CAMPAIGN), go(Page.ACTED)),
        (go(Page.LANGUAGE), go(Page.COUNTRY)),
        (go(Page.VERSION), go(Page.BUTTON)),
        (
            _button(desk, "button.compose_test", "test"),
            _button(desk, "button.compose_eyes", "eyes"),
        ),
        (go(Page.LATER), _button(desk, "button.cancel", "cancel")),
        (_button(desk, "button.compose_continue", f"go:{Page.CONFIRM}"),),
    )


def _confirm(desk: Desk) -> Show:
    """Return the last question: to how many, when, and for how long it is going to take."""
    wording, draft = desk.scene.wording, desk.kept
    minutes = -(-desk.people // (RATE * 60))
    time = wording.label("compose.now") if draft.at is None else f"{_time(desk)} ({desk.zone})"
    text = wording.say("compose.confirm", people=raw(people(desk)), time=time, count=minutes)
    if desk.going:
        text = Html(f"{text}\n\n{wording.say('compose.going')}")
    label = wording.label("button.compose_send", people=raw(people(desk)))
    send = Standing(label, f"b:{draft.id[:_PREFIX]}:send:{desk.token}")
    return Show(text, ((send,), (_button(desk, "button.compose_not_yet", "go:panel"),)))


def _choices(desk: Desk, page: Page) -> Keyboard:
    audience, wording = desk.kept.audience, desk.scene.wording
    match page:
        case Page.CAMPAIGN:
            titles = [(slug, desk.scene.title(slug)) for slug in desk.scene.house.campaigns]
            everyone = ("*", wording.label("compose.everyone"))
            rows = _listed(desk, "scope", [*titles, everyone], (audience.scope,), in_a_row=1)
            days = [(days, wording.label(f"compose.days_{days}")) for days in ("7", "30", "0")]
            return (*rows, *_listed(desk, "since", days))
        case Page.ACTED:
            said = {True: "yes", False: "no", None: "any"}[audience.acted]
            labels = [
                (each, wording.label(f"compose.acted_{each}")) for each in ("yes", "no", "any")
            ]
            return _listed(desk, "acted", labels, (said,), in_a_row=1)
        case Page.LANGUAGE:
            spoken = [(tag, own_name(tag)) for tag in desk.languages(audience.scope)]
            return _listed(desk, "lang", spoken, audience.languages)
        case _:
            language = desk.scene.journey.language
            given = [(c, countries.name(c, language)) for c in desk.countries(audience.scope)]
            return _listed(desk, "country", given, audience.countries)


def _button_rows(desk: Desk) -> Keyboard:
    slugs = desk.scene.house.campaigns
    label = desk.scene.wording.label
    rows = [
        _listed(desk, kind, [(slug, label(f"compose.{kind}", title=desk.scene.title(slug)))])
        for slug in slugs
        for kind in ("act", "share")
    ]
    link = (_button(desk, "button.compose_link", f"go:{Page.LINK}"),)
    plain = (_button(desk, "button.compose_plain", "plain"),)
    return (*(row for each in rows for row in each), link, plain)


def _later_row(desk: Desk) -> tuple[Standing, ...]:
    return (_button(desk, "button.compose_now", "now"),)


def _listed(
    desk: Desk,
    kind: str,
    choices: list[tuple[str, str]],
    chosen: tuple[str, ...] = (),
    *,
    in_a_row: int = _IN_A_ROW,
) -> Keyboard:
    """Return choices as buttons, those that hold with a tick."""
    prefix = f"b:{desk.kept.id[:_PREFIX]}:{kind}"
    buttons = [
        Standing(f"✓ {label}" if value in chosen else label, f"{prefix}:{value}")
        for value, label in choices[:_MOST_CHOICES]
    ]
    return tuple(tuple(buttons[i : i + in_a_row]) for i in range(0, len(buttons), in_a_row))


def _back(desk: Desk, *rows: tuple[Any, ...]) -> Keyboard:
    return (*(row for row in rows if row), (_button(desk, "button.back", f"go:{Page.PANEL}"),))


def _button(desk: Desk, key: str, value: str) -> Standing:
    label = desk.scene.wording.label(key)
    return Standing(label, f"b:{desk.kept.id[:_PREFIX]}:{value}")
