"""Writes docs/licences.md from the metadata of the packages that are installed.

.venv/bin/python -m tests.licences
"""

from importlib.metadata import PackageNotFoundError, metadata

from packaging.requirements import Requirement

from tests.fork_server import ROOT

PAGE = ROOT / "docs" / "licences.md"

_NAMES = {
    "Apache 2.0": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
}
"""What packages write, and its name in the SPDX list."""

_ELSEWHERE = {"colorama": "BSD-3-Clause"}
"""Packages that other systems need: they aren't installed here."""

_HEAD = """# Licences

actionbot is under the [MIT licence](../LICENSE). It is installed together with the packages
below, each under its own licence, and unchanged. `.venv/bin/python -m tests.licences` writes this
page from the packages' own metadata, and a test compares it with the lock file.

- Most licences ask to keep the copyright notice: it is in each package's folder `….dist-info`.
- **LGPL-3.0-only** (python-telegram-bot): people must be able to replace the package by their own
  version. They are, since it is installed as files of its own, with its source. Whoever passes on
  the image passes on these files, too.
- **MPL-2.0** (certifi, publicsuffixlist, part of orjson): changes to their files must be
  published. The bot changes none.

Data in the repository: names of countries, cities and time zones are from the Unicode CLDR
(Unicode-3.0).

The container image also has Python (PSF-2.0), Debian's base system, and the fonts named in the
[Dockerfile](../Dockerfile). Their licences are in `/usr/share/doc/*/copyright` in the image.
matplotlib brings DejaVu Sans (Bitstream Vera).

| package | licence |
|---|---|
"""


def page() -> str:
    """Return the whole page."""
    rows = (f"| {name} | {_licence(name)} |" for name in _packages())
    return _HEAD + "\n".join(rows) + "\n"


def _packages() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = (line.rstrip(" \\") for line in lines if line and not line.startswith((" ", "#")))
    return sorted({Requirement(pin).name for pin in pins})


def _licence(package: str) -> str:
    try:
        found = metadata(package)
    except PackageNotFoundError:
        return _ELSEWHERE[package]
    classifiers = found.get_all("Classifier") or []
    named = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")]
    text = found["License-Expression"] or found["License"] or ""
    # Some packages put the whole text of the licence there.
    short = text if 0 < len(text) < 60 else " AND ".join(named)
    return _NAMES.get(short, short)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
