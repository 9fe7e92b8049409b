"""A campaign's folder: what is fine in it, and what is told of each mistake."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.checking import make_campaign
from conversations.campaign import Campaign, CampaignFile
from conversations.letter import Signature, compose, translation
from conversations.loading import load, schema, stamp
from conversations.mistakes import Mistake
from tests.conversations.play import HONG_KONG, OTHERS, RIVER, SAMPLES

TOML, EN, PT = "campaign.toml", "en.md", "pt.md"
STORY, ORGANISATION = "For three", 'organisation = "Amigos do Amieiro"'
ADDRESS = "gabinete@ministerio-ambiente.example"
MARIA = Signature("Maria Silva", "PT", "maria@mail.example", "en", 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OTHERS / "river", tmp_path / "river"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    content = (folder / file).read_text(encoding="utf-8")
    assert old in content
    (folder / file).write_text(content.replace(old, new, 1), encoding="utf-8")


def found(folder: Path) -> list[tuple[str, str, str]]:
    """Return place, mistake and mend of what is grave; the campaign is loaded only without."""
    loaded = load(folder)
    wrong = [mistake for mistake in loaded.mistakes if mistake.grave]
    assert (loaded.campaign is None) == bool(wrong)
    assert all(mistake.where and mistake.what and mistake.mend for mistake in wrong)
    return [(mistake.where, mistake.what, mistake.mend) for mistake in wrong]


def noted(folder: Path) -> list[Mistake]:
    return [each for each in load(folder).mistakes if not each.grave and "speak" not in each.what]


# --- what is fine -------------------------------------------------------------------------------


def with_mark(content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content


def with_crlf(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("written", [with_mark, with_crlf, lambda c: with_mark(with_crlf(c))])
def test_marks_and_line_ends_of_any_editor_change_nothing(
    folder: Path, written: Callable[[bytes], bytes]
) -> None:
    for name in (TOML, EN, PT):
        (folder / name).write_bytes(written((folder / name).read_bytes()))
    assert load(folder).campaign == RIVER
    assert noted(folder) == []


def test_typographic_quotes_are_taken_for_straight_ones(folder: Path) -> None:
    edit(folder, TOML, 'slug = "river"', "slug = “river”")
    edit(folder, TOML, '["en", "pt"]', "[“en”, „pt“]")
    assert load(folder).campaign == RIVER


def test_the_version_tells_any_change_that_is_shown(folder: Path) -> None:
    edit(folder, EN, STORY, "For four")
    changed = load(folder).campaign
    assert changed is not None
    assert changed.version != RIVER.version


# --- mistakes, each with its place and its mend -------------------------------------------------

KNOWN = "Known are: name, country, target, organisation, own_words, demands"
FORMAT = "Use paragraphs, bold, italic, links and lists."
NO_TOML = 'Texts stand in quotes: key = "value"; lists in brackets: ["a", "b"]'
MAIL = "Write it like office@government.example"
NO_LINK = "“Story” holds what Telegram's messages cannot show: link that is not http(s)."
CLAIM = "Use {sender} and {answers}: they say what is true."


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "what", "mend"),
    [
        (TOML, "goal =", "gaol =", ":26 gaol", "This key is not known.", "Did you mean goal?"),
        (TOML, "goal = 3000", "goal: 3", ":26", "From here on this is no TOML.", NO_TOML),
        (TOML, "goal = 3000", f"x = {'[' * 5000}", "", "From here on this is no TOML.", NO_TOML),
        (TOML, "goal = 3000", f"goal = {'9' * 5000}", "", "From here on this is no TOML.", NO_TOML),
        (
            TOML,
            "goal = 3000",
            "goal = 1\ngoal = 2",
            ":27",
            "This stands here for the second time.",
            "Remove one.",
        ),
        (
            TOML,
            ORGANISATION,
            "",
            " organisation",
            "This key is missing.",
            "Write: organisation = … It says who runs the campaign.",
        ),
        (
            TOML,
            ORGANISATION,
            'organisation = " "',
            ":8 organisation",
            "This is empty.",
            "Write it out.",
        ),
        (
            TOML,
            ORGANISATION,
            'organisation = "A\\r\\nBcc: b"',
            ":8 organisation",
            "It holds U+000D, U+000A.",
            "Type it anew.",
        ),
        (
            TOML,
            "goal = 3000",
            "opens = 2030-02-01T00:00:00Z\ncloses = 2030-01-01T00:00:00Z",
            ":27 closes",
            "It closes before it opens.",
            "Mend one of the dates.",
        ),
        (
            TOML,
            "goal = 3000",
            "closes = 2031-02-01T00:00:00Z",
            ":23 keep_until",
            "Everything is erased before it closes.",
            "Choose a day after the campaign closes.",
        ),
        (
            TOML,
            "goal = 3000",
            "opens = 2030-02-01T00:00:00",
            ":26 opens",
            "The time lacks its zone.",
            "Add it: 2030-06-30T18:00:00Z",
        ),
        (
            TOML,
            '"river"',
            '"c_x"',
            ":5 slug",
            "This is not written as it must be.",
            "Use 1 to 30 of a-z, 0-9 and the hyphen.",
        ),
        (
            TOML,
            '"river"',
            '"brook"',
            ":5 slug",
            "The folder is called “river”.",
            "Call both the same.",
        ),
        (TOML, ADDRESS, "office", ":62 targets.0.address", "This is no mail address.", MAIL),
        (
            TOML,
            ADDRESS,
            f"{ADDRESS}\\r\\n",
            ":62 targets.0.address",
            "This is no mail address.",
            MAIL,
        ),
        (TOML, ADDRESS, f"<{ADDRESS}>", ":62 targets.0.address", "This is no mail address.", MAIL),
        (
            TOML,
            "https://amigos-do-amieiro.example/rio",
            "javascript:alert(1)",
            ":14 official_page",
            "This is no web address.",
            "Write it with https://",
        ),
        (
            TOML,
            'country = "PT"',
            'country = "PT"\nfor_countries = ["PT"]',
            ":59 targets.0",
            "No targets are for all countries.",
            "Leave for_countries away in exactly one: it takes all who have no other.",
        ),
        (
            TOML,
            'for_countries = ["BR"]',
            "",
            ":59 targets.0",
            "2 targets are for all countries.",
            "Leave for_countries away in exactly one: it takes all who have no other.",
        ),
        (
            TOML,
            'for_countries = ["BR"]',
            'for_countries = ["XX"]',
            ":68 targets.1",
            "“XX” is no country.",
            "Use codes of ISO 3166-1, like PT.",
        ),
        (
            EN,
            "{target}",
            "{targt}",
            ":37",
            "“Letter” uses {targt}, which it does not know.",
            "Did you mean target?",
        ),
        (
            EN,
            "{target}",
            "{name.__class__}",
            ":37",
            "“Letter” uses {name.__class__}, which it does not know.",
            KNOWN,
        ),
        (EN, "{own_words}", "", ":37", "“Letter” lacks {own_words}.", "Put it where it belongs."),
        (
            EN,
            "## Minimum age\n\n16 years.\n",
            "",
            "",
            "“Minimum age” is missing.",
            "Write it under a heading: ## Minimum age",
        ),
        (
            EN,
            "# Label",
            "# label",
            ":1",
            "The heading “# label” is not known.",
            "Did you mean Label?",
        ),
        (
            EN,
            "# Label",
            "Hello\n\n# Label",
            ":1",
            "This stands above the first heading, so it is used nowhere.",
            "Put it under a heading, or remove it.",
        ),
        (
            EN,
            STORY,
            "For\x00 three",
            ":9",
            "“Story” holds U+0000, which nobody sees.",
            "Type it anew.",
        ),
        (EN, STORY, "[x](javascript:alert(1))", ":10", NO_LINK, FORMAT),
        (EN, STORY, "[x]({organisation})", ":10", NO_LINK, FORMAT),
        (
            EN,
            STORY,
            "![x](https://a.example/x)",
            ":10",
            "“Story” holds what Telegram's messages cannot show: image.",
            FORMAT,
        ),
        (
            EN,
            "Thank you. The",
            "Replies come to you. The",
            ":109",
            "“Thanks” says “Replies come to you”, which these settings do not hold.",
            CLAIM,
        ),
    ],
)
def test_a_mistake_says_where_what_and_how_to_mend_it(
    folder: Path, file: str, old: str, new: str, where: str, what: str, mend: str
) -> None:
    if new == "" and old == "{own_words}":
        edit(folder, TOML, 'edits = "free"', 'edits = "add"')
    edit(folder, file, old, new)
    assert (f"river/{file}{where}", what, mend) in found(folder)


@pytest.mark.parametrize(
    ("terms", "said", "false"),
    [
        ("relay supporter", "It is sent from your own address.", "sent from your own address"),
        ("relay supporter", "They can't see your address.", "can't see your address"),
        ("relay supporter", "It is sent from an address of ours.", None),
        ("relay supporter", "Your address is shown to them.", None),
        ("relay organisation", "Your address will be shown.", "Your address will be shown"),
        ("relay organisation", "Your email address isn’t shown to them.", None),
        ("relay none", "他們會看到你的電郵地址。", "會看到你的電郵地址"),
        ("relay none", "他們看不到你的電郵地址。", None),
        ("author supporter", "It goes out from your address.", "goes out from your address"),
        ("author supporter", "It comes from our mail address.", "comes from our mail address"),
        ("author supporter", "信件由我們的地址寄出。", "由我們的地址寄出"),
        ("author organisation", "Your address stays private.", "Your address stays private"),
        ("author organisation", "Your address is shown.", "Your address is shown"),
        ("author organisation", "Answers come to us.", None),
        ("own supporter", "信件由你自己的電郵地址寄出。", "由你自己的電郵地址寄出"),
        ("own supporter", "Your address isn't seen.", "Your address isn't seen"),
        ("own supporter", "{sender} {answers}", None),
    ],
)
def test_what_texts_say_of_from_and_answers_must_hold(
    folder: Path, terms: str, said: str, false: str | None
) -> None:
    set_terms(folder, *terms.split())
    edit(folder, EN, "Thank you. The", f"{said} The")
    what = f"“Thanks” says “{false}”, which these settings do not hold."
    assert found(folder) == ([("river/en.md:109", what, CLAIM)] if false else [])


def set_terms(folder: Path, identity: str, reply_to: str) -> None:
    new = f'identity = "{identity}"\nreply_to = "{reply_to}"'
    edit(folder, TOML, 'reply_to = "organisation"', new)


@pytest.mark.parametrize("identity", ["author", "own"])
def test_from_does_not_show_what_nobody_shall_learn(folder: Path, identity: str) -> None:
    set_terms(folder, identity, "none")
    what = "From could show the address that nobody shall learn."
    mend = 'Take identity = "relay", or another reply_to.'
    assert found(folder) == [("river/campaign.toml:44 identity", what, mend)]


@pytest.mark.parametrize("identity", ["author", "own"])
def test_no_letter_comes_from_an_address_that_is_not_proved(folder: Path, identity: str) -> None:
    set_terms(folder, identity, "supporter")
    proof = "allow_letters_in_other_peoples_names"
    edit(folder, TOML, f"{proof} = false", f"{proof} = true")
    what = "Without the code by mail, letters could come from anybody's address."
    mend = 'Take identity = "relay", or let addresses be proved.'
    assert found(folder) == [("river/campaign.toml:44 identity", what, mend)]


@pytest.mark.parametrize("identity", ["author", "own"])
def test_a_consent_says_whose_address_it_is(folder: Path, identity: str) -> None:
    edit(folder, EN, " {sender} {answers}", " {answers}")
    assert found(folder) == []
    set_terms(folder, identity, "supporter")
    mend = "Put it where it belongs."
    assert found(folder) == [("river/en.md:105", "“Consent” lacks {sender}.", mend)]


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    edit(folder, TOML, "goal = 3000", 'goal = "many"')
    edit(folder, TOML, 'edits = "free"', 'edits = "some"')
    edit(folder, EN, "# Share", "# Shares")
    (folder / PT).unlink()
    assert [where for where, _, _ in found(folder)] == [
        "river/campaign.toml:26 goal",
        "river/campaign.toml:32 edits",
        "river/en.md:113",
        "river/en.md",
        "river/pt.md",
    ]


def test_targets_that_contradict_each_other_are_told(folder: Path) -> None:
    edit(folder, TOML, 'id = "embassy-brazil"', 'id = "ministry"')
    path = folder / TOML
    second = path.read_text(encoding="utf-8").rpartition("[[targets]]")[2]
    third = second.replace('"ministry"', '"third"')
    path.write_text(path.read_text(encoding="utf-8") + "\n[[targets]]" + third, encoding="utf-8")
    assert [what for _, what, _ in found(folder)] == [
        "Two targets are “ministry”.",
        "Two targets are “ministry”.",
        "BR has several targets.",
        "BR has several targets.",
    ]


@pytest.mark.parametrize("name", [TOML, EN])
def test_a_huge_file_is_not_even_read(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes() + b"#" * 10_000_000)
    assert found(folder) == [
        (f"river/{name}", "This file is over 1 MB.", "Shorten it: messages are short.")
    ]


def test_a_text_that_is_too_long_tells_by_how_much_and_in_which_language(folder: Path) -> None:
    edit(folder, PT, "Há três verões", "x" * 4000 + "Há três verões")
    stamp(folder)
    (mistake,) = found(folder)
    where, what, _ = mistake
    assert where == "river/pt.md"
    (over,) = [int(word) for word in what.split() if word.isdecimal()]
    edit(folder, PT, "x" * 4000, "x" * (4000 - over))
    assert found(folder) == []
    edit(folder, PT, "Há três verões", "xxHá três verões")
    assert found(folder)[0][1] == "What is said at the step “welcome” is 2 characters too long."


def test_html_in_markdown_is_shown_and_never_obeyed(folder: Path) -> None:
    edit(folder, EN, STORY, "<script>alert(1)</script> &lt;b&gt; For three")
    campaign = load(folder).campaign
    assert campaign is not None
    story = campaign.texts["en"].story
    assert story.startswith("&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt; For three")


# --- translations ---------------------------------------------------------------------------------


def test_an_outdated_translation_is_told_until_it_is_stamped(folder: Path) -> None:
    edit(folder, EN, STORY, "For four")
    assert noted(folder) == [
        Mistake(
            "en.md has changed since this was translated.",
            "Bring it in line, then type: actionbot campaign stamp river",
            "river/pt.md",
            grave=False,
        )
    ]
    assert stamp(folder) == (folder / PT,)
    assert noted(folder) == []
    assert stamp(folder) == ()


def test_the_letter_goes_in_a_language_its_target_reads_and_is_translated_to_be_read() -> None:
    sent, read = compose(RIVER, MARIA), translation(RIVER, MARIA)
    assert (sent.language, sent.target_id) == ("pt", "ministry")
    assert read is not None
    assert read.language == "en"
    assert compose(RIVER, replace(MARIA, country="BR")).target_id == "embassy-brazil"
    assert translation(HONG_KONG, MARIA) is None


# --- the picture ----------------------------------------------------------------------------------

FEW = "letters_per_hour = 60\n"


@pytest.mark.parametrize(
    ("said", "key", "what", "mend"),
    [
        (
            "letters_per_hour = 0",
            "letters_per_hour",
            "Input should be greater than or equal to 1.",
            "Mend it so.",
        ),
        (
            FEW + 'hours = "9-17"',
            "hours",
            "This is not written as it must be.",
            "Write hours like 09:00-17:00.",
        ),
        (FEW + 'hours = "09:00-17:00"', "hours", "In which time zone?", "Write time_zone, too."),
        (
            'hours = "09:00-17:00"\ntime_zone = "UTC"',
            "hours",
            "All letters of a night would leave in the first second of these hours.",
            "Write letters_per_hour, too.",
        ),
        (
            FEW + 'hours = "09:00-09:00"\ntime_zone = "UTC"',
            "hours",
            "These hours end as they begin.",
            "Mend one.",
        ),
        (
            FEW + 'time_zone = "Asia/Hongkong"',
            "time_zone",
            "This time zone is not known.",
            "Did you mean Asia/Hong_Kong?",
        ),
        (FEW + 'time_zone = "?"', "time_zone", "This time zone is not known.", "Look it up."),
    ],
)
def test_a_pace_is_whole(folder: Path, said: str, key: str, what: str, mend: str) -> None:
    content = (folder / TOML).read_text(encoding="utf-8")
    (folder / TOML).write_text(f"{content}{said}\n", encoding="utf-8")
    (told,) = found(folder)
    assert told[0].endswith(f" targets.1.{key}")
    assert told[1:] == (what, mend)


NO_PICTURE = "There is no such picture."


@pytest.mark.parametrize(
    "name", ["gone.png", "", ".", "/etc/hostname", "../picture.png", "../../x", "a\\u0000b"]
)
def test_a_picture_lies_in_the_folder(folder: Path, name: str) -> None:
    shutil.copy(folder / "picture.png", folder.parent / "picture.png")
    edit(folder, TOML, '"picture.png"', f'"{name}"')
    place = "river/campaign.toml:56 picture"
    assert found(folder) == [(place, NO_PICTURE, "Put it beside this file.")]


def test_a_link_leads_no_picture_in_from_elsewhere(folder: Path) -> None:
    shutil.move(folder / "picture.png", folder.parent / "picture.png")
    (folder / "picture.png").symlink_to(folder.parent / "picture.png")
    assert [what for _, what, _ in found(folder)] == [NO_PICTURE]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "This is no picture."),
        (b"<svg/>", "This is no picture."),
        (b"RIFF\0\0\0\0WAVEfmt ", "This is no picture."),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 10 * 2**20, "Telegram takes no picture over 10 MB."),
    ],
    ids=["empty", "svg", "wav", "huge"],
)
def test_a_picture_is_one_that_telegram_takes(folder: Path, content: bytes, what: str) -> None:
    (folder / "picture.png").write_bytes(content)
    assert [told for _, told, _ in found(folder)] == [what]


def test_a_heavy_picture_is_only_noted(folder: Path) -> None:
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 200_000)
    assert found(folder) == []
    assert [each.what for each in noted(folder)] == [
        "The picture has 200 kB; over 100 kB it is slow on a phone."
    ]


# --- a folder to start from, and the code ---------------------------------------------------------


def test_a_new_campaign_is_right_and_names_the_schema_beside_it(tmp_path: Path) -> None:
    home = make_campaign(tmp_path, "my-first")
    assert load(home).mistakes == ()
    first = (home / TOML).read_text(encoding="utf-8").splitlines()[0]
    named = first.removeprefix("#:schema ")
    assert json.loads((home / named).read_text(encoding="utf-8")) == json.loads(schema())


@pytest.mark.parametrize(
    "home", [SAMPLES / "hong-kong", OTHERS / "river"], ids=lambda each: each.name
)
def test_our_campaigns_name_the_schema_as_it_is_now(home: Path) -> None:
    """CONTRIBUTING.md says how it is written anew."""
    first = (home / TOML).read_text(encoding="utf-8").splitlines()[0]
    named = home / first.removeprefix("#:schema ")
    assert named.read_text(encoding="utf-8") == schema()


def test_the_schema_knows_every_key_and_no_other() -> None:
    shape = json.loads(schema())
    assert set(shape["properties"]) == set(CampaignFile.model_fields)
    assert shape["additionalProperties"] is False


@pytest.mark.parametrize("campaign", [HONG_KONG, RIVER], ids=lambda campaign: campaign.slug)
def test_no_campaign_text_stands_in_the_code(campaign: Campaign) -> None:
    said = [campaign.organisation, campaign.contact, campaign.official_page]
    for texts in campaign.texts.values():
        said += [texts.title, *texts.subjects, texts.demands.splitlines()[0], texts.share]
    root = SAMPLES.parents[1]
    code = [
        path
        for room in ("bot", "conversations", "storage")
        for path in (root / room).rglob("*")
        if path.suffix in (".py", ".js", ".html", ".po", ".md", ".toml")
        and not path.is_relative_to(SAMPLES)
    ]
    assert len(code) > 100
    for path in code:
        content = path.read_text(encoding="utf-8")
        assert [words for words in said if words in content] == [], path
