"""What contradicts itself in a campaign's folder, and what is too much of it."""

import shutil
from pathlib import Path

import pytest

from conversations.folder.loading import load_campaign, mark_translations_current
from conversations.model.archive_keys import PUBLIC_PREFIX, write_key
from conversations.text.languages import offered
from tests.conversations.folders import (
    EN,
    PT,
    STORY,
    TOML,
    edit,
    found,
    noted,
)

CLAIM = "Use {sender} and {answers}: they always say what is true."


@pytest.mark.parametrize(
    ("terms", "said", "false"),
    [
        ("relay supporter", "It is sent from your own address.", "sent from your own address"),
        ("relay supporter", "They can't see your address.", "can't see your address"),
        ("relay supporter", "It is sent from an address of ours.", None),
        ("relay supporter", "Your address is shown to them.", "Your address is shown"),
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
    what = f"“Thanks” says “{false}”, which isn't true with these settings."
    assert found(folder) == ([("river/en.md:109", what, CLAIM)] if false else [])


def set_terms(folder: Path, identity: str, reply_to: str) -> None:
    new = f'identity = "{identity}"\nreply_to = "{reply_to}"'
    edit(folder, TOML, 'reply_to = "organisation"', new)


@pytest.mark.parametrize("identity", ["author", "own"])
def test_from_does_not_show_what_nobody_shall_learn(folder: Path, identity: str) -> None:
    set_terms(folder, identity, "none")
    what = 'From could reveal the address that reply_to = "none" hides.'
    fix = 'Use identity = "relay", or another reply_to.'
    assert found(folder) == [("river/campaign.toml:44 identity", what, fix)]


@pytest.mark.parametrize("identity", ["author", "own"])
def test_no_letter_comes_from_an_address_that_is_not_proved(folder: Path, identity: str) -> None:
    set_terms(folder, identity, "supporter")
    proof = "allow_letters_in_other_peoples_names"
    edit(folder, TOML, f"{proof} = false", f"{proof} = true")
    what = "Without email codes, letters could be sent from anyone's address."
    fix = 'Use identity = "relay", or have addresses confirmed.'
    assert found(folder) == [("river/campaign.toml:44 identity", what, fix)]


@pytest.mark.parametrize("identity", ["author", "own"])
def test_a_consent_says_whose_address_it_is(folder: Path, identity: str) -> None:
    edit(folder, EN, " {sender} {answers}", " {answers}")
    assert found(folder) == []
    set_terms(folder, identity, "supporter")
    fix = "Add it where it belongs."
    assert found(folder) == [("river/en.md:105", "“Consent” is missing {sender}.", fix)]


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
        "Two targets have the id “ministry”.",
        "Two targets have the id “ministry”.",
        "BR: listed for several targets.",
        "BR: listed for several targets.",
    ]


@pytest.mark.parametrize("name", [TOML, EN])
def test_a_huge_file_is_not_even_read(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes() + b"#" * 10_000_000)
    assert found(folder) == [
        (f"river/{name}", "This file is over 1 MB.", "Shorten it: messages are short.")
    ]


@pytest.mark.parametrize(
    ("has_picture", "message"),
    [(False, "The message at step “welcome”"), (True, "More")],
    ids=["in the first message", "behind Read more, since a caption is short"],
)
def test_a_text_that_is_too_long_tells_by_how_much_and_in_which_language(
    folder: Path, has_picture: bool, message: str
) -> None:
    if not has_picture:
        edit(folder, TOML, 'picture = "picture.png"\n', "")
    edit(folder, PT, "Há três verões", "x" * 4000 + "Há três verões")
    mark_translations_current(folder)
    (mistake,) = found(folder)
    where, what, _ = mistake
    assert where == "river/pt.md"
    (over,) = [int(word) for word in what.split() if word.isdecimal()]
    edit(folder, PT, "x" * 4000, "x" * (4000 - over))
    assert found(folder) == []
    edit(folder, PT, "Há três verões", "xxHá três verões")
    assert found(folder)[0][1] == f"{message} is 2 characters too long."


def test_html_in_markdown_is_shown_and_never_obeyed(folder: Path) -> None:
    edit(folder, EN, STORY, "<script>alert(1)</script> &lt;b&gt; For three")
    campaign = load_campaign(folder).campaign
    assert campaign is not None
    story = campaign.texts["en"].story
    assert story.startswith("&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt; For three")


# --- the picture ----------------------------------------------------------------------------------

FEW = "letters_per_hour = 60\n"


@pytest.mark.parametrize(
    ("said", "key", "what", "fix"),
    [
        (
            "letters_per_hour = 0",
            "letters_per_hour",
            "This number is out of range.",
            "It must be at least 1.",
        ),
        (
            FEW + 'hours = "9-17"',
            "hours",
            "This has the wrong format.",
            "Write hours like 09:00-17:00.",
        ),
        (
            FEW + 'hours = "09:00-17:00"',
            "hours",
            "These hours have no time zone.",
            "Also set time_zone.",
        ),
        (
            'hours = "09:00-17:00"\ntime_zone = "UTC"',
            "hours",
            "All letters written overnight would be sent in the first second of these hours.",
            "Also set letters_per_hour.",
        ),
        (
            FEW + 'hours = "09:00-09:00"\ntime_zone = "UTC"',
            "hours",
            "These hours start and end at the same time.",
            "Change one.",
        ),
        (
            FEW + 'time_zone = "Asia/Hongkong"',
            "time_zone",
            "Unknown time zone.",
            "Did you mean Asia/Hong_Kong?",
        ),
        (
            FEW + 'time_zone = "?"',
            "time_zone",
            "Unknown time zone.",
            "Write it like Europe/Lisbon.",
        ),
    ],
)
def test_a_pace_is_whole(folder: Path, said: str, key: str, what: str, fix: str) -> None:
    content = (folder / TOML).read_text(encoding="utf-8")
    (folder / TOML).write_text(f"{content}{said}\n", encoding="utf-8")
    (told,) = found(folder)
    assert told[0].endswith(f" second target (embassy-brazil): {key}")
    assert told[1:] == (what, fix)


NO_PICTURE = "There is no such picture."


@pytest.mark.parametrize(
    "name", ["gone.png", "", ".", "/etc/hostname", "../picture.png", "../../x", "a\\u0000b"]
)
def test_a_picture_lies_in_the_folder(folder: Path, name: str) -> None:
    shutil.copy(folder / "picture.png", folder.parent / "picture.png")
    edit(folder, TOML, '"picture.png"', f'"{name}"')
    place = "river/campaign.toml:56 picture"
    assert found(folder) == [(place, NO_PICTURE, "Put it into this folder.")]


def test_a_link_leads_no_picture_in_from_elsewhere(folder: Path) -> None:
    shutil.move(folder / "picture.png", folder.parent / "picture.png")
    (folder / "picture.png").symlink_to(folder.parent / "picture.png")
    assert [what for _, what, _ in found(folder)] == [NO_PICTURE]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "This isn't a valid picture."),
        (b"<svg/>", "This isn't a valid picture."),
        (b"RIFF\0\0\0\0WAVEfmt ", "This isn't a valid picture."),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 10 * 2**20, "Telegram accepts no pictures over 10 MB."),
    ],
    ids=["empty", "svg", "wav", "huge"],
)
def test_a_picture_is_one_that_telegram_takes(folder: Path, content: bytes, what: str) -> None:
    (folder / "picture.png").write_bytes(content)
    assert [told for _, told, _ in found(folder)] == [what]


def test_a_heavy_picture_is_only_noted(folder: Path) -> None:
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 200_000)
    assert found(folder) == []
    assert [each.problem for each in noted(folder)] == [
        "The picture has 200 kB; over 100 kB, it loads slowly on phones."
    ]


@pytest.mark.parametrize(
    "said",
    ["Your letter takes your name and your country to them.", "信上會寫明你的姓名、國家或地區。"],
)
def test_texts_do_not_promise_a_country_that_the_letter_leaves_out(folder: Path, said: str) -> None:
    edit(folder, EN, "Thank you. The", f"{said} The")
    assert found(folder) == []
    edit(folder, EN, "{name}\n{country}\n\n# Letter 2", "{name}\n\n# Letter 2")
    problems = {
        problem.partition(" says ")[0]
        for _, problem, _ in found(folder)
        if problem.endswith("but not every letter states the country.")
    }
    assert {"“Thanks”", "“Consent”", "“Safety”"} <= problems


PUBLIC = write_key(PUBLIC_PREFIX, bytes(range(32)))


@pytest.mark.parametrize(
    ("terms", "problems"),
    [
        ("settle_days = 0", []),
        ("settle_days = 90", []),
        ('archive = "sealed"', ["The archive needs archive_key."]),
        (
            f'archive = "sealed"\narchive_key = "{PUBLIC[:-1]}"',
            ["This isn't the public key of an archive: the key is mistyped or incomplete."],
        ),
    ],
)
def test_settling_and_the_archive(folder: Path, terms: str, problems: list[str]) -> None:
    edit(folder, TOML, 'reply_to = "organisation"', f'reply_to = "organisation"\n{terms}')
    texts = [problem for _, problem, _ in found(folder)]
    assert [each for each in texts if "archive" in each] == problems


@pytest.mark.parametrize("days", [-1, 91])
def test_details_are_kept_for_a_limited_time(folder: Path, days: int) -> None:
    edit(
        folder,
        TOML,
        'reply_to = "organisation"',
        f'reply_to = "organisation"\nsettle_days = {days}',
    )
    (mistake,) = found(folder)
    assert "settle_days" in mistake[0] or "settle_days" in mistake[1]


def test_notice_and_consent_must_name_the_archive(folder: Path) -> None:
    terms = f'archive = "sealed"\narchive_key = "{PUBLIC}"'
    edit(folder, TOML, 'reply_to = "organisation"', f'reply_to = "organisation"\n{terms}')
    assert [problem for _, problem, _ in found(folder)] == [
        f"“{section}” is missing {{archive}}." for section in ("Consent", "How long")
    ] * 2


def warnings(folder: Path) -> list[tuple[str, str, str]]:
    noted = (each for each in load_campaign(folder).mistakes if not each.is_error)
    return [(each.where, each.problem, each.fix) for each in noted]


@pytest.mark.usefixtures("machine_made")
def test_an_unreviewed_language_is_not_offered_where_people_are_at_risk(folder: Path) -> None:
    edit(folder, TOML, "at_risk = []", 'at_risk = ["CN"]')
    problem = (
        "Supporters can't choose “pt”: with at_risk, the bot's messages must have been checked by "
        "a native speaker."
    )
    fix = 'Have them checked, or add "pt" to accept_unreviewed.'
    assert ("river/campaign.toml:20 languages", problem, fix) in warnings(folder)
    edit(folder, TOML, "at_risk", 'accept_unreviewed = ["pt"]\nat_risk')
    assert problem not in [each for _, each, _ in warnings(folder)]


def test_languages_that_nobody_has(folder: Path) -> None:
    added = 'fallback = "hu"\naccept_unreviewed = ["zh-Hand", "pt"]\nat_risk'
    edit(folder, TOML, "at_risk", added)
    assert [(problem, fix) for _, problem, fix in found(folder)] == [
        (
            "The bot isn't translated into “hu”.",
            f"Possible values: {', '.join(offered())}",
        ),
        ("“zh-Hand” is a language of neither the campaign nor the bot.", "Did you mean zh-Hant?"),
    ]
