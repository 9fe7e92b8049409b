"""Tables of housekeeping: what the rotation of encryption keys has reached."""

from sqlalchemy import Column, String, Table

from storage.schema.metadata import metadata

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
    comment="The rewriting of rows in the order of their keys. One row, which is missing at first.",
)
