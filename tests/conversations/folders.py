"""A campaign's folder that a test may spoil, and what is told of it then."""

from pathlib import Path

from conversations.folder.loading import load
from conversations.model.mistakes import Mistake

TOML, EN, PT = "campaign.toml", "en.md", "pt.md"
STORY, ORGANISATION = "For three", 'organisation = "Amigos do Amieiro"'
ADDRESS = "gabinete@ministerio-ambiente.example"


def edit(folder: Path, file: str, old: str, new: str) -> None:
    content = (folder / file).read_text(encoding="utf-8")
    assert old in content
    (folder / file).write_text(content.replace(old, new, 1), encoding="utf-8")


def found(folder: Path) -> list[tuple[str, str, str]]:
    """Return place, mistake and mend of what is grave; the campaign is loaded only without."""
    loaded = load(folder)
    wrong = [mistake for mistake in loaded.mistakes if mistake.grave]
    assert (loaded.campaign is None) == bool(wrong)
    assert all(mistake.where and mistake.what and mistake.mend for mistake in wrong)
    return [(mistake.where, mistake.what, mistake.mend) for mistake in wrong]


def noted(folder: Path) -> list[Mistake]:
    return [each for each in load(folder).mistakes if not each.grave and "speak" not in each.what]
