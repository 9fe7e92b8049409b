"""The columns that store a mail server's reply. None of them holds the server's words."""

from typing import Any

from sqlalchemy import Column, Row, SmallInteger, String

from conversations.model.letters.server_reply import ReplyMeaning, ServerReply


def reply_columns() -> tuple[Column[int], Column[str], Column[str]]:
    """Return the columns of a `ServerReply`."""
    return (
        Column("smtp_code", SmallInteger, comment="Reply code of the mail server."),
        Column(
            "smtp_status",
            String,
            nullable=False,
            default="",
            comment="Enhanced status of that reply (RFC 3463), such as 5.7.8; empty: none.",
        ),
        Column(
            "smtp_meaning",
            String,
            comment="What that reply means (ReplyMeaning); none if there was no fault.",
        ),
    )


def reply_values(reply: ServerReply) -> dict[str, Any]:
    """Return the values of the columns."""
    return {
        "smtp_code": reply.code,
        "smtp_status": reply.status,
        "smtp_meaning": reply.meaning.value if reply.meaning else None,
    }


def read_reply(row: Row[Any]) -> ServerReply:
    """Return the reply that a row stores."""
    meaning = ReplyMeaning(row.smtp_meaning) if row.smtp_meaning else None
    return ServerReply(row.smtp_code, row.smtp_status, meaning)
