"""A campaign's folder that a test may spoil, and what is told of it then."""

from pathlib import Path

from conversations.folder.loading import load_campaign
from conversations.model.mistakes import Mistake

TOML, EN, PT = "campaign.toml", "en.md", "pt.md"
STORY, ORGANISATION = "For three", 'organisation = "Amigos do Amieiro"'
ADDRESS = "gabinete@ministerio-ambiente.example"


def edit(folder: Path, file: str, old: str, new: str) -> None:
    content = (folder / file).read_text(encoding="utf-8")
    assert old in content
    (folder / file).write_text(content.replace(old, new, 1), encoding="utf-8")


def found(folder: Path) -> list[tuple[str, str, str]]:
    """Return place, mistake and fix of what is grave; the campaign is loaded only without."""
    loaded = load_campaign(folder)
    wrong = [mistake for mistake in loaded.mistakes if mistake.is_error]
    assert (loaded.campaign is None) == bool(wrong)
    assert all(mistake.where and mistake.problem and mistake.fix for mistake in wrong)
    return [(mistake.where, mistake.problem, mistake.fix) for mistake in wrong]


def noted(folder: Path) -> list[Mistake]:
    return [
        each
        for each in load_campaign(folder).mistakes
        if not each.is_error and "translated into" not in each.problem
    ]
