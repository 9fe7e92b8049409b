"""The invented names in `names.txt`."""

from pathlib import Path


def names_by_tradition() -> dict[str, list[tuple[str, str]]]:
    """Return what is typed and the name that is taken, by writing tradition."""
    lines = Path(__file__).with_name("names.txt").read_text(encoding="utf-8").splitlines()
    found: dict[str, list[tuple[str, str]]] = {}
    tradition = ""
    for line in lines[3:]:
        if line.startswith("#"):
            tradition = line.removeprefix("# ")
        elif line:
            typed, _, taken = line.partition("\t")
            found.setdefault(tradition, []).append((typed, taken or typed))
    return found
