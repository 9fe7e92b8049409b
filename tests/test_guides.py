"""The guides at the root, held to what is there."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from babel import Locale
from packaging.requirements import Requirement

from conversations.text.catalogues import LOCALES
from conversations.text.languages import offered, staff_languages
from tests import licences

ROOT = Path(__file__).parent.parent
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_the_architecture_describes_every_package() -> None:
    packages = [
        path.parent.relative_to(ROOT)
        for root in ("bot", "storage", "conversations")
        for path in (ROOT / root).rglob("__init__.py")
        if path.parent.name != "versions"
    ]
    assert len(packages) > 30
    assert [str(each) for each in packages if f"`{each.name}/`" not in ARCHITECTURE] == []


def test_every_file_that_the_guides_name_exists() -> None:
    files = [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if ".venv" not in path.parts
    ]
    named = {
        name
        for guide in ("ARCHITECTURE.md", "CONTRIBUTING.md")
        for name in re.findall(r"`([\w/]+\.py)`", (ROOT / guide).read_text(encoding="utf-8"))
    }
    assert named
    assert sorted(n for n in named if not any(f == n or f.endswith(f"/{n}") for f in files)) == []


def test_the_architecture_gives_each_dependency_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"].values()
    declared = [each for group in groups for each in group if isinstance(each, str)]
    names = [Requirement(each).name for each in (*project["project"]["dependencies"], *declared)]
    reasons = ARCHITECTURE.partition("## Dependencies")[2].lower()
    assert [name for name in names if name not in reasons] == []


def test_the_components_for_weblate_find_every_catalogue() -> None:
    components = json.loads((ROOT / "docs" / "weblate.json").read_text(encoding="utf-8"))
    found = {file for each in components for file in ROOT.glob(each["filemask"])}
    assert found == set(LOCALES.glob("*/*.po"))
    for each in components:
        assert (ROOT / each["template"]) in found


def test_each_language_has_a_style_guide() -> None:
    languages = {file.parent for file in LOCALES.glob("*/supporters.po")}
    assert languages == {file.parent for file in LOCALES.glob("*/style.md")}


@pytest.mark.parametrize(
    ("guide", "languages"),
    [
        ("README.md", offered()),
        ("CHANGELOG.md", offered()),
        ("docs/staff.md", staff_languages()),
    ],
)
def test_the_guides_name_every_language(guide: str, languages: tuple[str, ...]) -> None:
    text = (ROOT / guide).read_text(encoding="utf-8")
    names = {str(Locale.parse(tag, sep="-").get_language_name("en")) for tag in languages}
    assert sorted(name for name in names if name not in text) == []


def test_links_in_the_guides_lead_somewhere() -> None:
    for guide in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\(([^)#:{}]+)\)", guide.read_text(encoding="utf-8")):
            assert (guide.parent / target).exists(), f"{guide.name}: {target}"


def test_the_licences_are_those_of_the_locked_packages() -> None:
    """`.venv/bin/python -m tests.licences` writes the page."""
    assert licences.PAGE.read_text(encoding="utf-8") == licences.page()
    rows = licences.page().partition("|---|---|\n")[2].splitlines()
    assert [row for row in rows if not re.fullmatch(r"\| [\w-]+ \| [\w. ()-]+ \|", row)] == []
