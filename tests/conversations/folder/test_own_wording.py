"""Every mistake in an organisation's own wording: where it is, what is wrong, how to fix it."""

from pathlib import Path

import pytest

from conversations.folder.own_wording import find_mistakes
from conversations.folder.translations import export
from conversations.text import languages
from conversations.text.catalogues import LOCALES, PARTS, keys

HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def write(folder: Path, text: str, name: str = "de/supporters.po", head: str = HEAD) -> Path:
    file = folder / "wording" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(head + text, "utf-8")
    return folder / "wording"


def found(folder: Path) -> list[tuple[str, str, str]]:
    return [(each.where, each.problem, each.fix) for each in find_mistakes(folder)]


def test_our_own_texts_have_no_mistake() -> None:
    assert find_mistakes(LOCALES) == ()


def test_a_correct_file(tmp_path: Path) -> None:
    text = 'msgid "button.send"\nmsgstr "Mit meinem Namen senden"\n'
    assert found(write(tmp_path, text)) == []


@pytest.mark.parametrize(
    ("text", "problem", "fix"),
    [
        (
            'msgid "button.sent"\nmsgstr "Senden"',
            "The bot has no text “button.sent”.",
            "Did you mean button.send?",
        ),
        (
            'msgid "button.send"\nmsgstr ""',
            "“button.send” is empty or fuzzy, so our text is used.",
            "Write the text, or remove it.",
        ),
        (
            'msgid "button.use"\nmsgstr "Verwenden"',
            "“button.use” lacks the placeholder {name}.",
            "Put it where the value belongs.",
        ),
        (
            'msgid "welcome.title"\nmsgstr "Aktion"',
            "“welcome.title” lacks the placeholders {label} and {title}.",
            "Put them where the values belong.",
        ),
        (
            'msgid "button.use"\nmsgstr "{name} in {land}"',
            "“button.use” has an unknown placeholder {land}.",
            "Possible values: name",
        ),
        (
            'msgid "button.use"\nmsgstr "{name"',
            "“button.use” has a single brace.",
            "Write placeholders like {name}.",
        ),
        (
            'msgid "button.send"\nmsgstr "<h1>Senden</h1>"',
            "“button.send” has a tag that Telegram doesn't know: <h1>.",
            "Use only a, b, blockquote, code, i, pre, s, tg-spoiler, u.",
        ),
        (
            'msgid "button.send"\nmsgstr "<b><i>Senden</b></i>"',
            "“button.send” has a tag that isn't closed.",
            "Close each tag, in reverse order.",
        ),
        (
            'msgid "button.send"\nmsgstr "1 < 2"',
            "“button.send” has a < that begins no tag.",
            "Write it as &lt;",
        ),
        (
            'msgid "button.send"\nmsgstr "Den Brief in meinem Namen senden"',
            "“button.send” has more than 24 characters.",
            "Shorten it, or phones cut it.",
        ),
        (
            'msgid "code.wrong"\nmsgid_plural "code.wrong"\nmsgstr[0] "Noch {count}"',
            "“code.wrong” has the wrong number of plural forms.",
            "Write one msgstr[…] for each plural form.",
        ),
    ],
)
def test_a_mistake_in_a_text(tmp_path: Path, text: str, problem: str, fix: str) -> None:
    assert found(write(tmp_path, text)) == [("wording/de/supporters.po:6", problem, fix)]


LINKS = '<a href=\\"{privacy}\\">Datenschutz</a> · <a {other}>Echt?</a>'


@pytest.mark.parametrize(
    "other",
    [
        'href=\\"https://harm.example/{official}\\"',
        'href=\\"tg://resolve?domain=harm\\" title=\\"{official}\\"',
        'href=\\"{official}\\" HREF=\\"https://harm.example\\"',
        'title=\\"{official}\\"',
    ],
)
def test_a_link_that_our_text_lacks(tmp_path: Path, other: str) -> None:
    said = LINKS.replace("{other}", other)
    text = f'msgid "welcome.links"\nmsgstr "{said}"'
    assert found(write(tmp_path, text)) == [
        (
            "wording/de/supporters.po:6",
            "“welcome.links” has a link that isn't in the English text.",
            "Link only to {privacy}, {official}.",
        )
    ]


def test_a_link_in_a_text_that_has_none(tmp_path: Path) -> None:
    text = 'msgid "button.send"\nmsgstr "<a href=\\"//x\\">Los</a>"'
    assert found(write(tmp_path, text)) == [
        (
            "wording/de/supporters.po:6",
            "“button.send” has a link that isn't in the English text.",
            "Write it without a link.",
        )
    ]


def test_a_line_that_is_not_gettext(tmp_path: Path) -> None:
    assert found(write(tmp_path, 'msgid "button.send"\nSenden')) == [
        (
            "wording/de/supporters.po:7",
            "This is not a valid line of a .po file.",
            "Compare it with an exported file.",
        )
    ]


def test_other_plural_forms(tmp_path: Path) -> None:
    text = 'msgid "button.back"\nmsgstr "Retour"\n'
    head = HEAD.replace("nplurals=2; plural=(n != 1)", "nplurals=1; plural=0")
    assert found(write(tmp_path, text, head=head)) == [
        (
            "wording/de/supporters.po:1",
            "The plural forms differ from ours.",
            "Write in the header: Plural-Forms: nplurals=2; plural=(n != 1);",
        )
    ]


@pytest.mark.parametrize("header", ["Plural-Forms: nplurals=two;", "X-Review: maybe"])
def test_a_header_that_is_not_valid(tmp_path: Path, header: str) -> None:
    head = f'msgid ""\nmsgstr ""\n"{header}\\n"\n\n'
    assert found(write(tmp_path, "", head=head)) == [
        (
            "wording/de/supporters.po:1",
            "A header is not valid.",
            "Check Plural-Forms, and X-Review: original, native, none.",
        )
    ]


def test_files_with_other_names(tmp_path: Path) -> None:
    folder = write(tmp_path, "", "German/supporters.po")
    write(tmp_path, "", "de/volunteers.po")
    assert found(folder) == [
        (
            "wording/German",
            "This is not the folder of a language.",
            "Name it like pt, pt-BR or zh-Hant.",
        ),
        (
            "wording/de/volunteers.po",
            "A file of texts has another name.",
            "Possible values: supporters, staff",
        ),
    ]


def test_a_language_of_its_own_that_lacks_texts(tmp_path: Path) -> None:
    total = len(keys(LOCALES / "en" / "supporters.po"))
    folder = write(tmp_path, 'msgid "button.back"\nmsgstr "Rudi"\n', "sw/supporters.po")
    assert found(folder) == [
        (
            "wording/sw/supporters.po:1",
            f"Texts are missing: {total - 1}. The first one is “button.cancel”.",
            "Write them. To see all with the English: actionbot languages export sw all.po",
        )
    ]


def test_a_newly_exported_language_has_one_remark_for_each_file(tmp_path: Path) -> None:
    for part in PARTS:
        write(tmp_path, export("sw", part), f"sw/{part}.po", head="")
    supporters, staff = (len(keys(LOCALES / "en" / f"{part}.po")) for part in PARTS)
    export_all = "Write them. To see all with the English: actionbot languages export sw all.po"
    assert found(tmp_path / "wording") == [
        (
            "wording/sw/staff.po:13",
            f"Texts are missing: {staff}. The first one is “home.admin”.",
            f"{export_all} --staff",
        ),
        (
            "wording/sw/supporters.po:12",
            f"Texts are missing: {supporters}. The first one is “button.back”.",
            export_all,
        ),
    ]


def test_an_exported_file_is_correct(tmp_path: Path) -> None:
    file = tmp_path / "wording" / "de" / "supporters.po"
    file.parent.mkdir(parents=True)
    file.write_text(export("de", "supporters"), "utf-8")
    assert found(tmp_path / "wording") == []
    assert '#. English: Back\nmsgid "button.back"\nmsgstr "Zurück"\n' in file.read_text("utf-8")
    before = languages.index()
    try:
        languages.use_own(tmp_path / "wording")
        ours = languages.index()
        assert (ours.languages, ours.safety, ours.words) == (
            before.languages,
            before.safety,
            before.words,
        )
    finally:
        languages.use_folders(LOCALES)
