"""A chat played on the engine alone: the tables are a few fields, the clock stands still.

Between any two events the journey is dumped as JSON and loaded again, as if the bot had restarted.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from conversations.core.context import Turn
from conversations.core.effects import Effect
from conversations.core.effects.journey import (
    ChooseLanguage,
    ErasePerson,
    ForgetDetails,
    QueueCode,
    SaveDetails,
    Subscribe,
    UnsubscribeAll,
)
from conversations.core.effects.letters import CorrectAddress, QueueCopy, RecordAction, Withdraw
from conversations.core.events import (
    CopyBounced,
    Event,
)
from conversations.core.fact_requests import (
    AddressInUse,
    ClearedLetter,
    CodeAttempt,
    CountriesMatching,
    DomainAcceptsMail,
    Fact,
    LastSlots,
    NamedSources,
    NextCode,
    StaffHandlers,
)
from conversations.core.facts import (
    ActionTaken,
    AddressFacts,
    CodeCheck,
    CodeVerdict,
    CodeWait,
    CopyState,
    Deployment,
    Details,
    Facts,
)
from conversations.folder.loading import load_campaign
from conversations.journey.personal_data.held_records import HeldRecords, OwnRecords
from conversations.model.campaigns.campaign import Campaign, Edits
from conversations.model.campaigns.campaign_questions import OwnQuestion
from conversations.model.journey import Journey, dump, load
from conversations.model.letters.delivery import LetterState
from conversations.router import advance, begin
from conversations.text import countries

NOW = datetime(2026, 6, 21, 14, 2, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / "conversations" / "campaigns"
OTHERS = Path(__file__).parents[1] / "campaigns"


def loaded(folder: Path) -> Campaign:
    campaign = load_campaign(folder).campaign
    assert campaign is not None
    return campaign


HONG_KONG = loaded(SAMPLES / "hong-kong")
RIVER = loaded(OTHERS / "river")
_WORDS = {"en": "Birds", "pt": "Aves"}
OWN_QUESTIONS = tuple(
    OwnQuestion.model_validate(
        {"label": _WORDS, "text": _WORDS, "purpose": _WORDS, "before_address": before, **asked}
    )
    for before in (True, False)
    for asked in (
        {
            "id": f"bird-of-this-wonderful-forest{before:d}",
            "kind": "choice",
            "required": before,
            "options": {f"option-with-the-longest-name-{n}": {"en": f"Owl {n}"} for n in range(9)},
        },
        {"id": f"post{before:d}", "kind": "postcode"},
        {"id": f"call{before:d}", "kind": "yes_no", "consent": True},
        {"id": f"text{before:d}", "kind": "text", "required": not before},
    )
)
"""Questions of every kind, before and after the address, with the longest ids."""

OPEN_FOREST = RIVER.model_copy(
    update={
        "questions": OWN_QUESTIONS,
        "slug": "a-forest-with-the-longest-name",
        "edits": Edits.NONE,
        "allow_letters_in_other_peoples_names": True,
        "at_risk": ("PT",),
        "copies": True,
        "goal": None,
        "picture": None,
        "reply_to": "none",
        "undo_seconds": 0,
    }
)
"""What the two folders do not hold: no edits, no proof, no picture, no undo; the longest slug."""

_MIXER = 0x9E3779B97F4A7C15F39CC0605CEDC835


@cache
def _found(text: str) -> countries.CountryMatches:
    return countries.find(text)


class Answers(dict[Fact[Any], Any]):
    """What a chat's tables and the world say: each request is answered once."""

    def __init__(self, chat: "Chat") -> None:
        super().__init__()
        self._chat = chat

    def __missing__(self, request: Fact[Any]) -> Any:
        self[request] = self._chat.answer(request)
        return self[request]


@dataclass
class Chat:
    """One person's chat, with what the tables would know of them. `done` holds all effects."""

    campaigns: dict[str, Campaign]
    facts: Facts = field(default_factory=lambda: Facts("Maria Silva", "en"))
    address: AddressFacts = field(default_factory=AddressFacts)
    next_code: CodeWait = field(default_factory=CodeWait)
    now: datetime = NOW
    journey: Journey = field(default_factory=lambda: begin(1, "en"))
    code: str = ""
    attempts: int = 0
    verdict: CodeVerdict | None = None
    takes_mail: bool | None = True
    late: bool = False
    turns: int = 0
    done: list[Effect] = field(default_factory=list)

    def copied(self) -> "Chat":
        """Return this chat as it stands."""
        return replace(self, campaigns=dict(self.campaigns), done=list(self.done))

    def happens(self, event: Event) -> Turn:
        """Answer `event`. `verdict`, where set, and `late` findings are for this event only."""
        self.journey = load(json.loads(json.dumps(dump(self.journey))))
        self.turns += 1
        chance = (self.turns * _MIXER) % 2**128
        if isinstance(event, CopyBounced) and event.action in self.asked_copies:
            self.change(event.action, copy=CopyState.TOLD)
        loaded = Answers(self)
        turn = advance(self.deployment, self.journey, event, self.facts, self.now, chance, loaded)
        self.journey, self.verdict, self.late = turn.journey, None, False
        for effect in turn.effects:
            self._apply(effect)
        return turn

    @property
    def asked_copies(self) -> list[str]:
        """The actions whose copy was mailed, and may come back."""
        return [each.action for each in self.facts.acted.values() if each.copy is CopyState.ASKED]

    @property
    def deployment(self) -> Deployment:
        mailbox, test = "actions@send.example", "tests@send.example"
        return Deployment(self.campaigns, "river_bot", mailbox, test)

    def answer(self, request: Fact[Any]) -> Any:
        """Answer what a handler asks for."""
        match request:
            case CountriesMatching(text=text):
                return countries.CountryMatches() if self.late else _found(text)
            case DomainAcceptsMail():
                return None if self.late else self.takes_mail
            case AddressInUse():
                return self.address
            case NextCode():
                return self.next_code
            case CodeAttempt(code=code):
                return self._checked(code)
            case ClearedLetter():
                return None
            case LastSlots():
                return {}
            case NamedSources():
                return ()
            case OwnRecords():
                return HeldRecords(codes=bool(self.code))
            case StaffHandlers():
                return True
            case _:
                raise AssertionError(request)

    def _checked(self, typed: str) -> CodeCheck:
        if self.verdict:
            return CodeCheck(self.verdict, 3)
        if not self.code:
            return CodeCheck(CodeVerdict.NONE)
        if typed == self.code:
            self.code = ""
            return CodeCheck(CodeVerdict.RIGHT)
        self.attempts += 1
        left = 5 - self.attempts
        return CodeCheck(CodeVerdict.WRONG if left > 0 else CodeVerdict.SPENT, max(left, 0))

    def _apply(self, effect: Effect) -> None:
        self.done.append(effect)
        facts = self.facts
        match effect:
            case QueueCode(code=code):
                self.code, self.attempts = code, 0
            case RecordAction(action=action, campaign=slug, letter=letter, proved=proved) as sent:
                others = facts.tried if letter.is_test else facts.acted.values()
                assert slug not in {each.campaign for each in others}, "one action a campaign"
                details = Details(
                    letter.sender_name, letter.sender_country, letter.sender_address, proved
                )
                test = letter.is_test
                copy = CopyState.KEPT if sent.copies and proved else CopyState.NONE
                taken = [
                    ActionTaken(
                        each.action,
                        slug,
                        LetterState.QUEUED,
                        self.now,
                        details,
                        test=test,
                        copy=copy,
                        target=each.letter.target_id,
                        submission=action if sent.others else "",
                    )
                    for each in sent.letters
                ]
                acted = replace(taken[0], others=tuple(taken[1:]))
                if test:
                    self.facts = replace(facts, tried=(*facts.tried, acted))
                else:
                    self.facts = replace(facts, acted={**facts.acted, slug: acted})
            case Withdraw(action):
                left = {slug: _without(each, action) for slug, each in facts.acted.items()}
                kept = {slug: each for slug, each in left.items() if each}
                tried = tuple(each for acted in facts.tried if (each := _without(acted, action)))
                self.facts = replace(facts, acted=kept, tried=tried)
                before, after = (
                    sum(len(each.letters) for each in known.actions)
                    for known in (facts, self.facts)
                )
                assert before - after == 1, "only one's own letters are withdrawn"
            case QueueCopy(action):
                self.change(action, copy=CopyState.ASKED)
            case CorrectAddress(action, address):
                (acted,) = [each for each in facts.acted.values() if each.action == action]
                assert acted.details is not None
                details = replace(acted.details, address=address, proved=True)
                self.change(action, details=details)
            case SaveDetails(action):
                (acted,) = [each for each in facts.actions if each.action == action]
                self.facts = replace(facts, details=acted.details)
            case ForgetDetails():
                self.facts = replace(facts, details=None)
            case Subscribe(scope, given):
                scopes = facts.subscriptions | {scope} if given else facts.subscriptions - {scope}
                self.facts = replace(facts, subscriptions=frozenset(scopes))
            case UnsubscribeAll():
                self.facts = replace(facts, subscriptions=frozenset())
            case ChooseLanguage(language):
                self.facts = replace(facts, language=language)
            case ErasePerson():
                self.facts = Facts(facts.profile_name, facts.profile_language)
                self.address, self.next_code = AddressFacts(), CodeWait()
            case _:
                pass

    def change(self, action: str, **to: Any) -> None:
        """Change an action of this person's, which there must be."""
        ((slug, acted),) = [
            (slug, each) for slug, each in self.facts.acted.items() if each.action == action
        ]
        changed = {**self.facts.acted, slug: replace(acted, **to)}
        self.facts = replace(self.facts, acted=changed)


def _without(acted: ActionTaken, action: str) -> ActionTaken | None:
    """Return what was sent without one of its letters; None if nothing is left."""
    left = [replace(each, others=()) for each in acted.letters if each.action != action]
    return replace(left[0], others=tuple(left[1:])) if left else None
