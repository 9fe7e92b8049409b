"""Let one Send write to several targets: a letter is unique by person, target and round."""

import sqlalchemy as sa
from alembic import op

revision = "0004_several_targets"
down_revision = "0003_own_questions"

_LIVE = sa.text("NOT test")
_SEVERAL = sa.text("submission IS NOT NULL")


def upgrade() -> None:
    """Add the columns, and replace the unique indexes."""
    for column in _columns():
        op.add_column("actions", column)
    # The target of an older letter is not known here, but there is only one letter of a person.
    op.execute(
        "UPDATE actions SET person_target_key = person_key, address_target_key = address_key"
    )
    op.drop_index("uq_actions_campaign_person_key", "actions")
    op.drop_index("uq_actions_campaign_address_key", "actions")
    for key in ("person_target_key", "address_target_key"):
        _create_index(f"uq_actions_{key}", [key], _LIVE, unique=True)
    _create_index("ix_actions_campaign_address_key", ["campaign", "address_key"], _LIVE)
    _create_index("ix_actions_submission", ["submission"], _SEVERAL)
    if op.get_context().dialect.name == "postgresql":
        op.create_table_comment(
            "actions",
            "Letters to targets. Each person and each address has one to a target and round of a"
            " campaign, tests aside.",
        )


def _columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column(
            "submission",
            sa.String,
            nullable=True,
            comment="Id that the letters of one Send share; none if it is a single letter, or"
            " settled.",
        ),
        sa.Column(
            "leads",
            sa.Boolean,
            nullable=False,
            server_default=sa.text("true"),
            comment="Whether it counts its person in figures, as one of the letters of a Send"
            " does.",
        ),
        sa.Column(
            "round",
            sa.SmallInteger,
            nullable=False,
            server_default=sa.text("1"),
            comment="Which letter of the person to the target it is; the first has 1.",
        ),
        sa.Column(
            "person_target_key",
            sa.LargeBinary,
            nullable=True,
            comment="Keyed hash of the person, target and round in this campaign, 16 bytes; none"
            " once its discreet chat was cleared.",
        ),
        sa.Column(
            "address_target_key",
            sa.LargeBinary,
            nullable=True,
            comment="Keyed hash of the address, target and round in this campaign, 16 bytes.",
        ),
    )


def _create_index(
    name: str, columns: list[str], where: sa.TextClause, *, unique: bool = False
) -> None:
    op.create_index(
        name, "actions", columns, unique=unique, sqlite_where=where, postgresql_where=where
    )
