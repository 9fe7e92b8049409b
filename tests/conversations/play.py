"""A chat played on the engine alone: the tables are a few fields, the clock stands still."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from conversations import countries
from conversations.campaign import Campaign, Edits, Notice, Target, Texts
from conversations.delivery import LetterState
from conversations.effects import (
    ChooseLanguage,
    Effect,
    Erase,
    ForgetDetails,
    QueueCode,
    RecordAction,
    Remember,
    Subscribe,
    UnsubscribeAll,
    Withdraw,
)
from conversations.events import (
    CountryWanted,
    DomainWanted,
    Event,
    Findings,
    Pressed,
    PressedStanding,
    Said,
    Started,
)
from conversations.journey import Journey
from conversations.known import Acted, CodeCheck, CodeVerdict, Details, House, Known
from conversations.play import code_in_play, wanted
from conversations.replies import Amend, Ask, Button, Press, Replace, Settle, Show, Standing, Toast
from conversations.rich import Html, plain
from conversations.scene import Turn
from conversations.supporter import advance, begin

NOW = datetime(2019, 6, 21, 14, 2, tzinfo=UTC)


def texts(language: str) -> Texts:
    def said(what: str) -> Html:
        return Html(f"{what} in {language}.")

    notice = Notice(
        responsible=said("Who"),
        contact=said("Contact"),
        recipient=said("Recipient"),
        kept=said("Kept"),
        rights=said("Rights"),
        minimum_age=said("Age"),
    )
    return Texts(
        label="Action",
        title=f"Save the river ({language})",
        story=said("The river is drying out"),
        more=said("More about the river"),
        ask=said("Write to the minister"),
        subjects=("The river", "Our water"),
        letters=("Dear {target},\n\n{own_words}\n\n{demands}\n\n{name}, {country}",),
        demands="Let it flow.",
        notice=notice,
        consent=Html("This goes to {target}. {sender} {answers}"),
        thanks=said("Thank you"),
        share="Save the river with me",
        at_risk=said("This may be dangerous"),
        safety=said("Safety"),
    )


MINISTER = Target(
    id="ministry",
    name={"en": "Minister"},
    address="minister@gov.example",
    country="PT",
    languages=("en",),
)

RIVER = Campaign(
    slug="river",
    organisation="River Friends",
    contact="people@river.example",
    official_page="https://river.example",
    privacy_policy="https://river.example/privacy",
    languages=("en", "zh-Hant"),
    targets=(MINISTER,),
    keep_until=date(2019, 9, 30),
    goal=100,
    show_counter_from=0,
    at_risk=("HK",),
    likely_countries=("PT", "BR"),
    sources=("poster",),
    texts={"en": texts("en"), "zh-Hant": texts("zh-Hant")},
    version="1",
)

FOREST = RIVER.model_copy(
    update={
        "slug": "forest",
        "edits": Edits.FREE,
        "texts": {"en": texts("en").model_copy(update={"title": "Save the forest"})},
        "languages": ("en",),
    }
)


@dataclass
class Chat:
    """One person's chat, with what the tables would know of them."""

    campaigns: dict[str, Campaign] = field(default_factory=lambda: {"river": RIVER})
    known: Known = field(default_factory=lambda: Known("Maria Silva", "en"))
    now: datetime = NOW
    draws: int = 1
    code: str = ""
    attempts: int = 0
    deaf: frozenset[str] = frozenset()
    done: list[Effect] = field(default_factory=list)
    last: Turn = field(default_factory=lambda: Turn(begin(1, "en")))
    buttons: dict[str, Button] = field(default_factory=dict)

    @property
    def journey(self) -> Journey:
        return self.last.journey

    def starts(self, payload: str = "") -> str:
        return self.happens(Started(payload))

    def says(self, *lines: str) -> str:
        return [self.happens(Said(line)) for line in lines][-1]

    def presses(self, *labels: str) -> str:
        return [self.happens(self._event(self.buttons[label])) for label in labels][-1]

    def happens(self, event: Event) -> str:
        """Answer `event` and return what is seen of the answer, a line for each reply."""
        known = self._known(event)
        self.draws += 1
        chance = (self.draws * 0x9E3779B97F4A7C15F39CC0605CEDC835) & (2**128 - 1)
        house = House(self.campaigns, "river_bot", "actions@send.example")
        self.last = advance(
            house, self.journey, event, known, self.now, chance, self._findings(event)
        )
        for effect in self.last.effects:
            self._apply(effect)
        return self._seen()

    def _event(self, button: Button) -> Event:
        match button:
            case Press(_, value):
                return Pressed(value, self.journey.id, self.journey.asked)
            case Standing(_, action):
                return PressedStanding(action)
            case _:
                raise AssertionError(button)

    def _findings(self, event: Event) -> Findings | None:
        match asked := wanted(self.journey, event):
            case CountryWanted(text):
                return Findings(asked, countries=countries.find(text))
            case DomainWanted(domain):
                return Findings(asked, takes_mail=domain not in self.deaf)
            case None:
                return None

    def _known(self, event: Event) -> Known:
        typed, check = code_in_play(self.journey, event), None
        if typed and not self.code:
            check = CodeCheck(CodeVerdict.NONE)
        elif typed and typed == self.code:
            check, self.code = CodeCheck(CodeVerdict.RIGHT), ""
        elif typed:
            self.attempts += 1
            left = 5 - self.attempts
            check = CodeCheck(CodeVerdict.WRONG if left else CodeVerdict.SPENT, left)
        return replace(self.known, code=check)

    def _apply(self, effect: Effect) -> None:
        self.done.append(effect)
        known = self.known
        match effect:
            case QueueCode(code=code):
                self.code, self.attempts = code, 0
            case RecordAction(action=action, campaign=slug, letter=letter, proved=proved):
                details = Details(
                    letter.sender_name, letter.sender_country, letter.sender_address, proved
                )
                acted = Acted(action, slug, LetterState.QUEUED, self.now, details)
                self.known = replace(known, acted={**known.acted, slug: acted})
            case Withdraw(action):
                kept = {k: v for k, v in known.acted.items() if v.action != action}
                self.known = replace(known, acted=kept)
            case Remember(action):
                (acted,) = [each for each in known.acted.values() if each.action == action]
                self.known = replace(known, details=acted.details)
            case ForgetDetails():
                self.known = replace(known, details=None)
            case Subscribe(scope, given):
                wanted_ = known.subscriptions | {scope} if given else known.subscriptions - {scope}
                self.known = replace(known, subscriptions=frozenset(wanted_))
            case UnsubscribeAll():
                self.known = replace(known, subscriptions=frozenset())
            case ChooseLanguage(language):
                self.known = replace(known, language=language)
            case Erase():
                self.known = Known(known.profile_name, known.profile_language)
            case _:
                pass

    def letter_is(self, state: LetterState, slug: str = "river") -> None:
        acted = replace(self.known.acted[slug], state=state)
        self.known = replace(self.known, acted={**self.known.acted, slug: acted})

    def _seen(self) -> str:
        lines = []
        for reply in self.last.replies:
            match reply:
                case Ask(text, keyboard) | Amend(text, keyboard):
                    self.buttons = {}
                    self._offer(keyboard)
                    lines.append(plain(text))
                case Show(text, keyboard) | Replace(text, keyboard):
                    self._offer(keyboard)
                    lines.append(plain(text))
                case Settle(text):
                    lines.extend([plain(text)] if text else [])
                case Toast(text):
                    lines.append(f"({text})")
                case _:
                    lines.append(type(reply).__name__)
        return "\n".join(lines)

    def _offer(self, keyboard: tuple[tuple[Button, ...], ...]) -> None:
        self.buttons |= {button.label: button for row in keyboard for button in row}

    def at_the_review(self) -> "Chat":
        """Answer everything up to the review."""
        self.starts("river")
        self.presses("Write the letter", "Use “Maria Silva”", "🇵🇹 Portugal")
        self.says("maria@mail.example")
        self.says(self.code)
        return self

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)
