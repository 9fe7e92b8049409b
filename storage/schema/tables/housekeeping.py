"""Tables of housekeeping: how far the rotation of keys has come, and what was erased."""

from sqlalchemy import BigInteger, Column, String, Table

from storage.schema.encryption import ERASURE_ENTRY
from storage.schema.metadata import encrypted, metadata

key_floor = Table(
    "key_floor",
    metadata,
    Column("name", String, primary_key=True, comment="What the keys are for: encryption."),
    Column(
        "day",
        String,
        nullable=False,
        comment="No value is encrypted with the key of an earlier day: YYYY-MM-DD.",
    ),
    sqlite_with_rowid=False,
    comment="From which day on keys are needed. One row, which is missing at first.",
)

erasures = Table(
    "erasures",
    metadata,
    Column(
        "number",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="Number of the entry: 1, 2, 3, … in the order of commits, without a gap.",
    ),
    Column(
        "day", String, nullable=False, index=True, comment="UTC day of the erasure: YYYY-MM-DD."
    ),
    encrypted(
        "encrypted_entry",
        ERASURE_ENTRY,
        "What was erased, as JSON: its kind, and keyed hashes of the rows.",
    ),
    sqlite_with_rowid=False,
    comment="What must be erased again after a backup is restored.",
)

row_order = Table(
    "row_order",
    metadata,
    Column("name", String, primary_key=True, comment="What the row is about: pass."),
    Column(
        "position",
        String,
        nullable=False,
        comment="How far rewriting rows in order has come (Pass), as JSON. PostgreSQL only.",
    ),
    sqlite_with_rowid=False,
    comment="The rewriting of rows in the order of their keys. One row, which is missing at first.",
)
