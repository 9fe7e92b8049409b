"""What the bot loads before its first answer: what few need is loaded when somebody needs it."""

import subprocess
import sys

_NOT_LOADED = {
    "aiohttp",
    "alembic",
    "asyncpg",
    "bot.cli.commands",
    "bot.mail.incoming.inbound_mail",
    "bot.services.conversation.facts.staff_facts",
    "conversations.broadcasts.composer",
    "conversations.editing.editor",
    "conversations.folder.page_import.documents",
    "conversations.staff_router",
    "dns.asyncresolver",
    "flufl.bounce",
    "matplotlib",
    "nh3",
    "rapidfuzz",
    "rich.console",
    "segno",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.orm",
    "telegram.ext",
    "typer",
}
_START = """
import sys
from pathlib import Path

from bot.cli.main import load_less

load_less()
import bot.app, bot.cli.serving
from babel import localedata
from conversations.folder.loading import load_campaigns

localedata.load = None  # so that loading the data of a language fails
assert [each.campaign.slug for each in load_campaigns(Path("conversations/campaigns"))]
print(*sys.modules)
"""


def test_the_start_loads_only_what_the_first_answer_needs() -> None:
    started = subprocess.run(  # noqa: S603 - our own code
        (sys.executable, "-c", _START), capture_output=True, text=True, check=True, timeout=60
    )
    assert _NOT_LOADED & {*started.stdout.split()} == set()
