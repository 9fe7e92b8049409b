"""Numbers of broadcasts in the ledger of recipients: shorter than their ids."""

from collections.abc import Iterator

from sqlalchemy import Connection, bindparam, func, select

from storage.schema.tables import broadcast_recipients

_NEXT = select(func.min(broadcast_recipients.c.broadcast)).where(
    broadcast_recipients.c.broadcast > bindparam("after")
)


def ledger_number(id_: str) -> int:
    """Return the number of a broadcast in the ledger: the first 60 of the 128 bits of its id."""
    return int(id_[:15], 16)


def numbers_in_use(connection: Connection) -> Iterator[int]:
    """Yield the number of each broadcast in the ledger, without reading the rows between."""
    number = -1
    while (found := connection.execute(_NEXT, {"after": number}).scalar()) is not None:
        number = found
        yield number
