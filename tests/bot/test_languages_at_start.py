"""What is loaded at the start and for a first answer depends on no number of languages."""

import json
import subprocess
import sys
from typing import Any

_START = """
import json, sys, tracemalloc
from pathlib import Path
from babel import localedata
import bot.app
from conversations.text import catalogues, countries, languages
from conversations.text.wording import Wording

if len(sys.argv) > 1:
    languages.use_folders(Path(sys.argv[1]))
tracemalloc.start()
countries.build_index()
names = [languages.own_name(tag) for tag in languages.offered()]
found = countries.find("Portugal").codes
said = Wording("en").say("name.ask")
parsed = []
read = catalogues.read
catalogues.read = lambda file: parsed.append(str(file)) or read(file)
Wording("ar").say("name.ask")
print(json.dumps({
    "offered": len(names), "found": found, "kilobytes": tracemalloc.get_traced_memory()[0] // 1024,
    "locales": sorted(map(str, localedata._cache)),
    "later": [Path(each).parent.name for each in parsed],
    "catalogues": catalogues.entries.cache_info().currsize,
}))
"""


def started(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - our own program
        (sys.executable, "-c", _START, *arguments),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_only_the_languages_that_are_spoken_are_loaded() -> None:
    start = started()
    assert (start["offered"], start["found"]) == (20, ["PT"])
    assert set(start["locales"]) <= {"root", "en"}
    assert start["later"] == ["ar"]
    assert start["catalogues"] == 2
