"""Tables of what holds letters up: pauses, paces, and changes to many letters."""

from sqlalchemy import Column, Integer, String, Table

from storage.schema.metadata import metadata, timestamp
from storage.schema.server_replies import reply_columns

pauses = Table(
    "pauses",
    metadata,
    Column(
        "campaign",
        String,
        primary_key=True,
        comment="Slug of the campaign, with /target if only that is paused; *: all sending except"
        " of codes.",
    ),
    Column("reason", String, nullable=False, comment="Why: refused (by servers) or admin."),
    *reply_columns(),
    timestamp("since", "When sending was paused."),
    sqlite_with_rowid=False,
    comment="Campaigns whose letters wait until an admin resumes them.",
)

letter_changes = Table(
    "letter_changes",
    metadata,
    Column("change", String, primary_key=True, comment="Random id, 32 hexadecimal digits."),
    Column("kind", String, nullable=False, comment="What is done (ChangeKind)."),
    Column(
        "campaign",
        String,
        nullable=False,
        comment="Slug of the campaign whose letters change; *: all mail.",
    ),
    Column(
        "target",
        String,
        nullable=False,
        comment="Id of the target whose letters change; empty: all of the campaign.",
    ),
    Column(
        "lane",
        String,
        nullable=False,
        comment="The new lane of the letters; empty: they stay in theirs.",
    ),
    timestamp("at", "When it began."),
    timestamp(
        "since", "When an outage began that is over; none if it is another change.", nullable=True
    ),
    Column(
        "position",
        String,
        nullable=False,
        comment="How far it has come: campaign, target and mail, one a line.",
    ),
    Column("done", Integer, nullable=False, comment="Number of letters that were looked at."),
    sqlite_with_rowid=False,
    comment="Changes to many letters that go on: pauses, and letters that are withdrawn.",
)

paces = Table(
    "paces",
    metadata,
    Column("campaign", String, primary_key=True, comment="Slug of the campaign."),
    Column("target", String, primary_key=True, comment="Id of the target in the campaign."),
    timestamp("last", "Slot of the last letter: when it leaves."),
    sqlite_with_rowid=False,
    comment="The last slot that was given out, for targets whose letters are paced.",
)
