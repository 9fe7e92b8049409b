"""What someone with a fresh clone meets first: make, the lock files, the folders, the guide."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt")

# A lock file says nothing else, so no line of it can hold an address, a host or a path.
PINNED = re.compile(r"([a-z0-9-]+)==([\w.+!-]+)(?: ; [\w .'()<>=!]+)? \\")
HASHED = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
ASKED_FOR_BY = re.compile(
    r"    #(?: via|  )?(?: (?:[a-z0-9-]+|actionbot \(pyproject\.toml(?::[a-z]+)?\)"
    r"|-c requirements-dev\.txt))?"
)

VENV_IS_MISSING = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n'
NETWORK_IS_DOWN = """#!/bin/sh
case "$2" in
    venv) /bin/mkdir -p .venv/bin && /bin/cp "$0" .venv/bin/python;;
    pip) echo "no route to host" >&2; exit 1;;
esac
"""


def lines(name: str) -> list[str]:
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


def pins(name: str) -> dict[str, str]:
    found = (PINNED.fullmatch(line) for line in lines(name))
    return {match[1]: match[2] for match in found if match}


def make(folder: Path, *words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    program = shutil.which("make")
    assert program
    # Under `make test` the outer make would hand its own flags down.
    env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(  # noqa: S603 - our own Makefile
        [program, "--no-print-directory", *words],
        cwd=folder,
        env=env | ({"PATH": path} if path else {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with all that make looks at, nothing installed, and a nearly empty PATH."""
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "path").mkdir()
    (tmp_path / "path/echo").symlink_to(shutil.which("echo") or "/bin/echo")
    return tmp_path


def with_python(clone: Path, script: str) -> str:
    """Put a `python3` that behaves as `script` on the PATH, and return that PATH."""
    python = clone / "path/python3"
    python.write_text(script)
    python.chmod(0o755)
    return str(python.parent)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_no_address(lock: str) -> None:
    shapes = (PINNED, HASHED, ASKED_FOR_BY)
    assert [line for line in lines(lock) if not any(s.fullmatch(line) for s in shapes)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_of_a_lock_has_a_hash(lock: str) -> None:
    text = lines(lock)
    bare = [
        line
        for line, following in zip(text, [*text[1:], ""], strict=True)
        if PINNED.fullmatch(line) and not HASHED.fullmatch(following)
    ]
    assert pins(lock)
    assert bare == []


def test_what_is_tested_is_what_runs() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_keeps_what_pyproject_asks_for(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked: list[str] = project["project"]["dependencies"] + project["build-system"]["requires"]
    if lock == "requirements-dev.txt":
        asked += [each for each in project["dependency-groups"]["dev"] if isinstance(each, str)]
    locked = pins(lock)
    wanted = [Requirement(each) for each in asked]
    broken = [str(each) for each in wanted if locked.get(each.name, "") not in each.specifier]
    assert broken == [], "`make lock` brings the lock files in line"


def test_make_demo_starts_the_playground() -> None:
    outcome = make(ROOT, "-n", "demo")
    assert outcome.returncode == 0
    assert outcome.stdout.splitlines()[-1] == ".venv/bin/actionbot demo"


def test_a_second_make_demo_installs_nothing(clone: Path) -> None:
    (clone / ".venv/bin").mkdir(parents=True)
    (clone / ".venv/bin/python").touch()
    (clone / ".venv/.ready-for-demo").touch()
    assert make(clone, "-n", "demo").stdout == ".venv/bin/actionbot demo\n"


def test_without_the_venv_module_make_names_the_package_to_install(clone: Path) -> None:
    outcome = make(clone, "demo", path=with_python(clone, VENV_IS_MISSING))
    assert outcome.returncode != 0
    assert "apt install python3-venv" in outcome.stderr


def test_without_a_new_enough_python_make_says_so(clone: Path) -> None:
    outcome = make(clone, "demo", path=str(clone / "path"))
    assert outcome.returncode != 0
    assert "Python 3.11 or newer is needed" in outcome.stderr


def test_an_installation_that_fails_is_said_and_tried_again_next_time(clone: Path) -> None:
    path = with_python(clone, NETWORK_IS_DOWN)
    for _ in range(2):
        outcome = make(clone, "demo", path=path)
        assert outcome.returncode != 0
        assert "no route to host" in outcome.stderr
        assert "the installation failed" in outcome.stderr


def test_code_is_in_four_folders_and_in_the_examples() -> None:
    rooms = {
        folder.name
        for folder in ROOT.iterdir()
        if folder.is_dir() and not folder.name.startswith(".") and folder.name != "build"
        if any(folder.rglob("*.py"))
    }
    assert rooms == {"bot", "conversations", "docs", "storage", "tests"}
    assert {file.parent for file in (ROOT / "docs").rglob("*.py")} == {ROOT / "docs" / "examples"}


def test_every_make_target_is_explained() -> None:
    phony = next(line for line in lines("Makefile") if line.startswith(".PHONY:"))
    explained = make(ROOT).stdout
    targets = set(phony.split()[1:]) - {"help"}
    assert {target for target in targets if f"make {target} " not in explained} == set()


@pytest.mark.parametrize("guide", sorted(path.name for path in ROOT.glob("*.md")))
def test_the_guides_name_only_commands_that_exist(guide: str) -> None:
    named = set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", (ROOT / guide).read_text("utf-8"), re.M))
    targets = {line.split(":")[0] for line in lines("Makefile") if re.match(r"[a-z-]+:", line)}
    assert named <= targets
