"""The guides at the root, held to what is there."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_the_architecture_names_every_file() -> None:
    files = [
        path
        for room in ("bot", "storage", "conversations")
        for path in (ROOT / room).rglob("*.py")
        if not path.stem.startswith("__")
        if not path.parent.match("migrations/versions")
        and not path.parent.match("playground/telegram")
    ]
    assert len(files) > 80
    assert [path.stem for path in files if f"`{path.stem}`" not in ARCHITECTURE] == []


def test_the_architecture_gives_each_dependency_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = [Requirement(each).name for each in project["project"]["dependencies"]]
    reasons = ARCHITECTURE.partition("## Dependencies")[2].lower()
    assert [name for name in names if name not in reasons] == []


def test_links_in_the_guides_lead_somewhere() -> None:
    for guide in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\(([^)#:{}]+)\)", guide.read_text(encoding="utf-8")):
            assert (guide.parent / target).exists(), f"{guide.name}: {target}"
