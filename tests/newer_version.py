"""The next version of the bot, with a schema that this version does not know."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.schema import migrations
from storage.schema.migrations import known, latest, upgrade

REVISION = "9999_next"

_STEP = """\
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
oldest_code = "{oldest}"


def upgrade():
    op.add_column("chats", sa.Column("next_version", sa.String(), nullable=True))
"""


class NewerVersion:
    """Has one migration more: a column in `chats`. Code from `oldest` on can use its schema."""

    def __init__(self, folder: Path, oldest: str | None = None) -> None:
        """Write its migrations into `folder`. By default this version can use the schema."""
        self._folder = folder / "next"
        shutil.copytree(Path(migrations.__file__).parent, self._folder)
        step = _STEP.format(revision=REVISION, before=latest(), oldest=oldest or latest())
        (self._folder / "versions" / f"{REVISION}.py").write_text(step, "utf-8")

    @contextmanager
    def code(self) -> Iterator[None]:
        """Let the code know all migrations of the newer version while the context lasts."""
        ours = migrations.FOLDER
        migrations.FOLDER = self._folder
        known.cache_clear()
        try:
            yield
        finally:
            migrations.FOLDER = ours
            known.cache_clear()

    def migrate(self, url: str) -> None:
        """Migrate a database, as `actionbot migrate` of the newer version does."""
        with self.code():
            upgrade(url)
