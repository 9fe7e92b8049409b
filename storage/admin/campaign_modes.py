"""The mode of each campaign that was in service: live, test mode or closed.

    unknown ──in service, live──▶ live ◀──go_live── in test mode
       └──in service, in test mode──▶ in test mode ◀──in service, in test mode── live

Only `go_live` ends test mode. The modes stand in a document of authority. If it is refused, and
this machine knows no newer one, every campaign counts as closed and in test mode.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, select

from storage.admin import authority
from storage.chats import consents
from storage.crypto.vault import Vault
from storage.schema.tables import actions
from storage.schema.tables import outbox as mails


@dataclass(frozen=True)
class Mode:
    """The mode of a campaign. Field names are stored, so they never change."""

    test: bool
    """Whether the campaign is in test mode: until an admin confirms that it goes live."""

    closed: bool = False
    """Whether an admin closed the campaign, whatever its file says."""

    exempt: tuple[str, ...] = ()
    """The ids of the targets that get no new letters."""


_OTHERS = "*"
"""In place of a slug: the mode of all campaigns that are not named. It is stored."""

_MODES = TypeAdapter(dict[str, Mode])
_REFUSED = Mode(test=True, closed=True)


@dataclass(frozen=True)
class Modes:
    """The modes of all campaigns."""

    by_campaign: Mapping[str, Mode]

    is_refused: bool = False
    """Whether nothing that can be trusted says what the modes are."""

    def of(self, slug: str) -> Mode:
        """Return the mode of a campaign."""
        others = self.by_campaign.get(_OTHERS, _REFUSED if self.is_refused else Mode(test=False))
        return self.by_campaign.get(slug, others)

    def unconfirmed(self, slugs: Collection[str] = ()) -> frozenset[str]:
        """Return which of `slugs`, and of the known campaigns, are in test mode."""
        return frozenset(each for each in self._known(slugs) if self.of(each).test)

    def closed(self, slugs: Collection[str] = ()) -> frozenset[str]:
        """Return which of `slugs`, and of the known campaigns, are closed."""
        return frozenset(each for each in self._known(slugs) if self.of(each).closed)

    def exempt(self) -> dict[str, frozenset[str]]:
        """Return the ids of the exempt targets of each campaign that has any."""
        found = {slug: mode.exempt for slug, mode in self.by_campaign.items() if slug != _OTHERS}
        return {slug: frozenset(ids) for slug, ids in found.items() if ids}

    def _known(self, slugs: Collection[str]) -> set[str]:
        return {*slugs, *self.by_campaign} - {_OTHERS}


def modes_of(document: authority.Document) -> Modes:
    """Return the modes that a document says."""
    if document.content is None:
        return Modes({}, document.is_refused)
    return Modes(_MODES.validate_python(document.content))


def load(connection: Connection, vault: Vault) -> Modes:
    """Return the modes of all campaigns. They are read once in a transaction."""
    return modes_of(authority.read_all(connection, vault)[authority.MODES])


def register(connection: Connection, vault: Vault, tests: Mapping[str, bool]) -> None:
    """Register the campaigns in service. `tests` says which are tests by their file or settings."""

    def update(modes: dict[str, Mode]) -> dict[str, Mode]:
        for slug, test in tests.items():
            known = modes.get(slug, modes.get(_OTHERS, Mode(test)))
            modes[slug] = replace(known, test=known.test or test)
        return modes

    _change(connection, vault, update)


def unconfirmed(connection: Connection, vault: Vault) -> frozenset[str]:
    """Return the campaigns in test mode that wait for an admin to confirm that they go live."""
    return load(connection, vault).unconfirmed()


def close(connection: Connection, vault: Vault, slug: str) -> None:
    """Close the campaign to new letters, whatever its file says."""
    _set(connection, vault, slug, lambda mode: replace(mode, closed=True))


def exempt(connection: Connection, vault: Vault, slug: str, target: str) -> None:
    """Let a target of the campaign get no new letters."""
    _set(
        connection,
        vault,
        slug,
        lambda mode: replace(mode, exempt=tuple(sorted({*mode.exempt, target}))),
    )


def end_exemption(connection: Connection, vault: Vault, slug: str, target: str) -> None:
    """End the exemption of a target: new letters are sent to it again."""
    _set(
        connection,
        vault,
        slug,
        lambda mode: replace(mode, exempt=tuple(each for each in mode.exempt if each != target)),
    )


def lock_if_open(
    connection: Connection, vault: Vault, slug: str, targets: Collection[str] = ()
) -> bool:
    """Return whether the campaign is open and none of the targets exempt, and prevent changes of
    that until the transaction ends.

    Many transactions may do that at once: on PostgreSQL, they share the lock of the document's row.
    """
    document = authority.read(connection, vault, authority.MODES, share=True)
    mode = modes_of(document).of(slug)
    return not mode.closed and not frozenset(mode.exempt) & frozenset(targets)


def lock_out_sends(connection: Connection) -> None:
    """Wait for the transactions that record letters, and let none begin until this one ends."""
    authority.lock_exclusively(connection, authority.MODES)


def reopen(connection: Connection, vault: Vault, slug: str) -> None:
    """Open the campaign again, if its file says so."""
    _set(connection, vault, slug, lambda mode: replace(mode, closed=False))


def start_test_mode(connection: Connection, vault: Vault, slug: str) -> None:
    """Put a live campaign into test mode, until an admin confirms that it goes live again."""
    _set(connection, vault, slug, lambda mode: replace(mode, test=True))


def start_all_test_modes(connection: Connection, vault: Vault) -> None:
    """Put all campaigns into test mode, also those that no document names."""

    def update(modes: dict[str, Mode]) -> dict[str, Mode]:
        return {slug: replace(mode, test=True) for slug, mode in modes.items()} | {
            _OTHERS: Mode(test=True)
        }

    _change(connection, vault, update)


def go_live(connection: Connection, vault: Vault, slug: str) -> int:
    """End a campaign's test mode and delete its test letters; return how many there were."""
    _set(connection, vault, slug, lambda mode: replace(mode, test=False))
    tests = select(actions.c.action).where(actions.c.campaign == slug, actions.c.test)
    connection.execute(delete(mails).where(mails.c.action.in_(tests)))
    gone = delete(actions).where(actions.c.action.in_(tests)).returning(actions.c.person_key)
    keys = connection.execute(gone).scalars().all()
    consents.recheck(connection, keys)
    return len(keys)


def _set(connection: Connection, vault: Vault, slug: str, update: Callable[[Mode], Mode]) -> None:
    def update_one(modes: dict[str, Mode]) -> dict[str, Mode]:
        return modes | {slug: update(modes.get(slug, Mode(test=False)))}

    _change(connection, vault, update_one)


def _change(
    connection: Connection,
    vault: Vault,
    update: Callable[[dict[str, Mode]], dict[str, Mode]],
) -> None:
    """Change the modes, while no other transaction does.

    Modes that can't be read are not replaced: what they said would be lost.
    """
    authority.lock(connection)
    modes = modes_of(authority.read(connection, vault, authority.MODES))
    if modes.is_refused:
        return
    after = update(dict(modes.by_campaign))
    if after != modes.by_campaign:
        content = _MODES.dump_python(after, mode="json")
        authority.write(connection, vault, authority.MODES, content)
