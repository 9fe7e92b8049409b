"""Pages of campaigns in the folder `pages`, each with a structure of its own."""

from pathlib import Path

PAGES = Path(__file__).parent / "pages"

NUMBERED = PAGES / "numbered-demands.txt"
PROSE = PAGES / "prose-demands.md"
PLAIN_ITALIAN = PAGES / "no-headings.txt"
GERMAN = PAGES / "german.md"
WITH_MENU = PAGES / "menu-and-form.txt"
BOLD_LABEL = PAGES / "bold-label.md"
CHINESE = PAGES / "chinese.txt"
LETTER = PAGES / "model-letter.txt"
CHINESE_LETTER = PAGES / "chinese-letter.txt"
FRENCH_LETTER = PAGES / "french-letter.md"

ALL = (
    *(NUMBERED, PROSE, PLAIN_ITALIAN, GERMAN, WITH_MENU, BOLD_LABEL, CHINESE),
    *(LETTER, CHINESE_LETTER, FRENCH_LETTER),
)
