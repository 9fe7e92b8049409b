"""What is loaded at the start and for a first answer doesn't grow with the number of languages."""

import json
import subprocess
import sys

from conversations.text.languages import offered

_START = """
import json
from pathlib import Path
from babel import localedata
import bot.app
from conversations.text import catalogues, countries, languages
from conversations.text.wording import Wording

read, folders = catalogues.read, []
catalogues.read = lambda file: folders.append(Path(file).parent.name) or read(file)
names = [languages.own_name(tag) for tag in languages.offered()]
found = countries.find("Portugal").codes
Wording("en").say("errors.sorry")
Wording("ar").say("errors.sorry")
print(json.dumps([names, found, sorted(map(str, localedata._cache)), folders]))
"""


def test_only_the_languages_that_are_spoken_are_loaded() -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        (sys.executable, "-c", _START), capture_output=True, text=True, timeout=120, check=True
    )
    names, found, locales, catalogues = json.loads(done.stdout)
    assert (len(names), found) == (len(offered()), ["PT"])
    assert set(locales) <= {"root", "en"}
    assert catalogues == ["en", "ar"]
