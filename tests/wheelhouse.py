"""Wheels without a network: the project's own, and those of the packages that it needs.

The packages are installed here already, so each is packed again from its installed files.
"""

import csv
import os
import re
import subprocess
import sys
from email.parser import Parser
from importlib.metadata import Distribution, distribution
from io import StringIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from packaging.requirements import Requirement

from tests.fork_server import ROOT

_IS_METADATA = re.compile(r"[^/]+\.dist-info/")

_NOT_PACKED = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files that an installer writes beside the metadata."""


def build_wheel(source: Path, folder: Path, *, at: int | None = None) -> Path:
    """Build the project in `source`; return its wheel. `at` is the time of its files (Unix)."""
    env = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    if at is not None:
        env["SOURCE_DATE_EPOCH"] = str(at)
    words = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    subprocess.run(  # noqa: S603 - our own project
        [sys.executable, *words, "--no-index", "--wheel-dir", str(folder), str(source)],
        env=env,
        check=True,
        timeout=300,
    )
    (wheel,) = folder.glob("actionbot-*.whl")
    return wheel


def copy_sources(folder: Path) -> Path:
    """Copy what git knows of the project to `folder`."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - the git of this machine
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    for name in tracked.stdout.decode().split("\0"):
        if name.startswith(("bot/", "conversations/", "storage/")) or name in (
            *("pyproject.toml", "README.md", "LICENSE"),
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


def pack_dependencies(folder: Path) -> None:
    """Write a wheel of each package in requirements.txt that this machine needs."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line and not line.startswith((" ", "#")):
            needed = Requirement(line.rstrip(" \\"))
            if needed.marker is None or needed.marker.evaluate():
                _pack(distribution(needed.name), folder)


def _pack(installed: Distribution, folder: Path) -> None:
    tags = Parser().parsestr(installed.read_text("WHEEL") or "").get_all("Tag") or []
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    tag = "-".join(".".join(sorted({*part})) for part in parts)
    name = installed.metadata["Name"].replace("-", "_").replace(".", "_")
    files = _files(installed)
    (folder_of_metadata,) = {path.partition("/")[0] for path in files if _IS_METADATA.match(path)}
    record = f"{folder_of_metadata}/RECORD"
    listed = StringIO()
    rows = csv.writer(listed, lineterminator="\n")
    rows.writerows((path, *digest) for path, digest in files.items())
    rows.writerow((record, "", ""))
    with ZipFile(folder / f"{name}-{installed.version}-{tag}.whl", "w", ZIP_STORED) as packed:
        for path in files:
            packed.write(str(installed.locate_file(path)), path)
        packed.writestr(record, listed.getvalue())


def _files(installed: Distribution) -> dict[str, tuple[str, str]]:
    """Return hash and size of each file that came in the package's wheel, by path."""
    return {
        path: (digest, size)
        for path, digest, size in csv.reader(StringIO(installed.read_text("RECORD") or ""))
        if ".." not in path and not path.endswith(".pyc")
        if not (_IS_METADATA.match(path) and Path(path).name in _NOT_PACKED)
    }
