"""Tables of figures: tallies, counters, samples and digests."""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from storage.schema.metadata import metadata, partial_index, person_key, timestamp

tallies = Table(
    "tallies",
    metadata,
    Column("campaign", String, primary_key=True, comment="Slug of the campaign."),
    Column("figure", String, primary_key=True, comment="What is counted (Figure)."),
    Column(
        "day",
        String,
        primary_key=True,
        comment="UTC day as YYYY-MM-DD; empty: the sum of all days.",
    ),
    Column(
        "value",
        String,
        primary_key=True,
        comment="Value that is counted: a stage, a country, a language, a source, an hour.",
    ),
    Column("count", BigInteger, nullable=False, comment="Number of letters, or of people."),
    Column(
        "erased", BigInteger, nullable=False, comment="How many of these were erased since then."
    ),
    Column(
        "settled",
        BigInteger,
        nullable=False,
        default=0,
        comment="How many of these were settled since then.",
    ),
    # How many people acted because of a broadcast.
    partial_index("ix_tallies_source", "value", where="figure = 'source'"),
    sqlite_with_rowid=False,
    comment="Figures, counted in the transaction of the event. They name nobody.",
)

counters = Table(
    "counters",
    metadata,
    Column("campaign", String, primary_key=True, comment="Slug of the campaign."),
    Column(
        "accepted",
        BigInteger,
        nullable=False,
        comment="Number of accepted letters, without those that bounced: read at each /start.",
    ),
    Column(
        "refusals_in_row",
        Integer,
        nullable=False,
        default=0,
        comment="Number of letters refused for good in a row.",
    ),
    Column(
        "accepted_before",
        BigInteger,
        nullable=False,
        default=0,
        comment="Value of accepted when that row began; the row ends when accepted exceeds it.",
    ),
    Column(
        "disputed",
        BigInteger,
        nullable=False,
        default=0,
        comment="Number of letters whose bounce came too late to count.",
    ),
    Column(
        "last_number",
        BigInteger,
        nullable=False,
        comment="Number of the last accepted letter. Numbers of bounced letters are not reused.",
    ),
    sqlite_with_rowid=False,
    comment="Counters of campaigns, for the goal and for pauses.",
)

samples = Table(
    "samples",
    metadata,
    Column("campaign", String, primary_key=True, comment="Slug of the campaign."),
    timestamp("at", "Time slot of the sample.", primary_key=True),
    Column("sent", BigInteger, nullable=False, comment="Number of letters sent so far."),
    Column("accepted", BigInteger, nullable=False, comment="Number of letters accepted so far."),
    Column("bounced", BigInteger, nullable=False, comment="Number of letters bounced so far."),
    Column("failed", BigInteger, nullable=False, comment="Number of letters failed so far."),
    sqlite_with_rowid=False,
    comment="Totals of each campaign every few minutes, for detecting sudden changes.",
)

digests = Table(
    "digests",
    metadata,
    person_key("staff", primary_key=True),
    Column("interval", String, nullable=False, comment="How often: day or week."),
    Column(
        "last_day",
        String,
        nullable=False,
        comment="Last day of the last digest, as YYYY-MM-DD.",
    ),
    timestamp("lease_until", "Until when one process may send the digest.", nullable=True),
    sqlite_with_rowid=False,
    comment="Admins who get a digest of the figures regularly.",
)

answers = Table(
    "answers",
    metadata,
    Column("answer", String, primary_key=True, comment="Random id, 32 hexadecimal digits."),
    Column("campaign", String, nullable=False, comment="Slug of the campaign."),
    Column("target", String, nullable=False, comment="Target's id in the campaign."),
    Column(
        "value",
        String,
        nullable=False,
        comment="Whether the target answered, and within how many days (AnswerKind).",
    ),
    Column("day", String, nullable=False, comment="UTC day on which it was known: YYYY-MM-DD."),
    sqlite_with_rowid=False,
    comment="What became of letters, as far as it is known. They lead to nobody.",
)
