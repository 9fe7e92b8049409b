"""What is stored of a person besides `Facts`, as /mydata asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from conversations.core.fact_requests import Fact


@dataclass(frozen=True)
class Decision:
    """A yes or no of the person that is stored."""

    kind: str
    """What it is about: send, remember, updates, opt_in or answer."""

    scope: str
    """A campaign's slug; "*" for all campaigns; "" for none."""

    given: bool
    day: date
    id: str = ""

    question: str = ""
    """The id of the campaign's question that asked for it, where it is an opt_in."""


@dataclass(frozen=True)
class HeldRecords:
    """Which other records about a person are stored, besides those in `Facts`."""

    decisions: tuple[Decision, ...] = ()
    """The yes and no answers about letters, details and updates, the oldest first."""

    blocked_on: date | None = None
    """The day on which an admin blocked the person from writing; None if none did."""

    disowned: bool = False
    """Whether the owner of an address that is stored for the person said “this wasn't me”."""

    asked: bool = False
    """Whether the owner of such an address was asked whether a code was theirs."""

    alerts: bool = False
    """Whether the person, as an admin, got or took alerts that are stored."""

    invited: bool = False
    """Whether there are invitations of theirs to the team."""

    codes: bool = False
    """Whether there are hashes of codes that were mailed."""

    texts: frozenset[str] = frozenset()
    """The actions whose letter's text is stored."""

    sources: Mapping[str, str] = field(default_factory=dict)
    """The source of the link that led to each action."""

    received: bool = False
    """Whether a ledger says that the person got, or is to get, a broadcast."""

    written: bool = False
    """Whether there are broadcasts of theirs."""

    digest: bool = False
    """Whether they get figures regularly."""

    logged: bool = False
    """Whether the audit log names them."""

    answer_questions: tuple[str, ...] = ()
    """The campaigns of letters about whose answers they agreed to be asked."""

    reminder: bool = False
    """Whether they asked to be reminded of a letter."""

    zone: str = ""
    """The time zone that they typed; "" if none."""

    @property
    def opt_ins(self) -> tuple[Decision, ...]:
        """The yes answers to campaigns' questions that were not taken back."""
        last = {
            (each.scope, each.question): each
            for each in self.decisions
            if each.kind == "opt_in" and each.question
        }
        return tuple(each for each in last.values() if each.given)


@dataclass(frozen=True)
class OwnRecords(Fact[HeldRecords]):
    """Which records about the person whose event is answered are stored."""
