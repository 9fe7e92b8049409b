"""Files of campaigns that people send: archives and single files, harmless and hostile."""

import stat
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.loading import load_files
from conversations.folder.new_campaign import new_campaign
from conversations.folder.uploaded_files import (
    MAX_UPLOAD_BYTES,
    UploadError,
    read_archive,
    read_file,
)
from tests.cpu_time import at_most

RIVER = dict(new_campaign("river").content)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)
BROKEN = ("This isn't a valid zip archive.", "Make it again.")
TOO_LARGE = ("Unpacked, this is over 12 MB.", "Send one campaign, with a smaller picture.")


def zipped(
    entries: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED, mode: int = 0
) -> bytes:
    """Return an archive. `mode` is the kind of its files, as Unix systems note it."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type, entry.external_attr = method, mode << 16
            archive.writestr(entry, content)
    return file.getvalue()


def refusal(read: Callable[[], CampaignFiles]) -> tuple[str, str]:
    with pytest.raises(UploadError) as refused:
        read()
    return refused.value.problem, refused.value.fix


def archive_refusal(content: bytes) -> tuple[str, str]:
    return refusal(lambda: read_archive(content))


# --- archives -----------------------------------------------------------------------------------


@pytest.mark.parametrize("home", ["", "river/", "old river/", "campaigns/river/"])
def test_a_campaign_in_an_archive(home: str) -> None:
    files = {**RIVER, "picture.png": PICTURE, "pictures/two.webp": PICTURE}
    junk = (".DS_Store", "__MACOSX/._en.md", ".git/config", "README.md", "campaign.schema.json")
    entries = {f"{home}{name}": each for name, each in files.items()}
    made = zipped({**entries, **dict.fromkeys(junk, b"x")})
    read = read_archive(made)
    assert (read.name, read.content) == ("river", files)
    assert [each for each in load_files(read).mistakes if each.is_error] == []


def test_a_campaign_without_a_slug_has_the_name_of_its_folder() -> None:
    assert read_archive(zipped({"owls/campaign.toml": b"goal = 5"})).name == "owls"
    assert read_archive(zipped({"campaign.toml": b"\xff\xfe["})).name == "campaign"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (
            {"en.md": b"# Label"},
            (
                "There is no campaign.toml in it.",
                "Send the folder of one campaign, with its campaign.toml.",
            ),
        ),
        (
            {"a/campaign.toml": b"", "b/campaign.toml": b""},
            (
                "There are 2 campaigns in it.",
                "Send the folder of one campaign, with its campaign.toml.",
            ),
        ),
        (
            {"a/campaign.toml": b"", "en.md": b""},
            ("“en.md” is outside of the campaign's folder.", "Remove it."),
        ),
        (
            {"campaign.toml": b"", "notes.docx": b""},
            (
                "“notes.docx” doesn't belong to a campaign.",
                "A campaign has campaign.toml, texts like en.md, and a picture. Remove it.",
            ),
        ),
        (
            {"campaign.toml": b"", "inner.zip": b"PK"},
            (
                "“inner.zip” doesn't belong to a campaign.",
                "A campaign has campaign.toml, texts like en.md, and a picture. Remove it.",
            ),
        ),
        (
            {"campaign.toml": b"", "en.md": b"x" * 1_000_001},
            ("“en.md” is too large.", "Texts have up to 1 MB, pictures up to 10 MB."),
        ),
        (
            {"campaign.toml": b"", "en.md": b"", "EN.md": b""},
            ("“EN.md” is in the archive twice.", "Remove one."),
        ),
    ],
)
def test_what_is_no_campaign_is_refused(
    entries: dict[str, bytes], expected: tuple[str, str]
) -> None:
    assert archive_refusal(zipped(entries)) == expected


@pytest.mark.parametrize(
    "name",
    [
        "../en.md",
        "../../../../etc/en.md",
        "/en.md",
        "C:\\en.md",
        "C:/en.md",
        "a/../../en.md",
        "./en.md",
        "a//en.md",
        "a/b/c/d/e/en.md",
        "en\n.md",
        "~/en.md",
        "en.md:stream.md",
        "\u202edm.en",
        "x" * 200 + ".md",
    ],
)
def test_no_name_leads_out_of_the_archive(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    problem, fix = archive_refusal(zipped({**RIVER, name: b"x"}))
    assert problem.startswith("A file in the archive has a name that isn't allowed: “")
    assert fix == "Use letters, digits, dots and hyphens only."
    assert problem.isprintable() and len(problem) < 120
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind: int) -> None:
    assert archive_refusal(zipped({"de.md": b"/etc/passwd"}, mode=kind | 0o777)) == (
        "“de.md” is a link, or no plain file.",
        "Put the file itself into the archive.",
    )


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"# Label\n\nAction\n", bytes(1000)])
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    assert archive_refusal(content) == BROKEN


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(method: int) -> None:
    assert archive_refusal(zipped(RIVER, method)) == BROKEN


def test_a_password_is_refused() -> None:
    protected = bytearray(zipped(RIVER))
    protected[protected.index(b"PK\x01\x02") + 8] |= 1
    assert archive_refusal(bytes(protected)) == (
        "This archive has a password.",
        "Make it without a password.",
    )


def test_many_files_are_refused() -> None:
    made = zipped({f"pictures/{number}.png": b"" for number in range(200)})
    assert archive_refusal(made) == (
        "There are too many files in this archive.",
        "Send one campaign.",
    )


# --- bombs --------------------------------------------------------------------------------------


def bomb(size: int, name: str = "picture.png") -> bytes:
    return zipped({**RIVER, name: bytes(size)})


def lying(content: bytes, name: str, size: int) -> bytes:
    """Return an archive whose directory and header lie about the size of a file."""
    changed = bytearray(content)
    place = changed.rindex(name.encode()) - 46
    changed[place + 24 : place + 28] = size.to_bytes(4, "little")
    place = changed.index(name.encode()) - 30
    changed[place + 22 : place + 26] = size.to_bytes(4, "little")
    return bytes(changed)


def overlapping(copies: int) -> bytes:
    """Return an archive whose entries share the data of one file of 9 MB."""
    first = zipped({"campaign.toml": b"", "0.png": bytes(9_000_000)})
    file = BytesIO(first)
    with zipfile.ZipFile(file, "a") as archive:
        (shared,) = (each for each in archive.filelist if each.filename == "0.png")
        for number in range(1, copies):
            copy = zipfile.ZipInfo(f"{number}.png")
            for attribute in ("compress_type", "CRC", "compress_size", "file_size"):
                setattr(copy, attribute, getattr(shared, attribute))
            copy.header_offset = shared.header_offset
            archive.filelist.append(copy)
        archive.writestr("en.md", b"")  # so that the directory is written again
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (bomb(9_000_000), TOO_LARGE),
        (zipped({**RIVER, **{f"{n}.png": bytes(9_000_000) for n in range(50)}}), TOO_LARGE),
        (overlapping(50), TOO_LARGE),
        (lying(bomb(9_000_000), "picture.png", 1_000), BROKEN),
        (
            bomb(11_000_000),
            ("“picture.png” is too large.", "Texts have up to 1 MB, pictures up to 10 MB."),
        ),
    ],
    ids=["ratio", "many", "overlapping", "lying", "large"],
)
def test_a_bomb_is_refused_quickly_and_memory_is_flat(
    content: bytes, expected: tuple[str, str]
) -> None:
    assert len(content) < 700_000
    with at_most(200_000_000):
        tracemalloc.start()
        assert archive_refusal(content) == expected
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 3_000_000


def test_an_archive_of_several_bombs_inside_each_other_is_never_opened() -> None:
    inner = bomb(9_000_000)
    for _ in range(5):
        inner = zipped({"campaign.toml": b"", "inner.zip": inner})
    assert archive_refusal(inner)[0] == "“inner.zip” doesn't belong to a campaign."


def test_a_large_upload_is_not_opened() -> None:
    expected = ("This file is over 12 MB.", "Make the picture smaller, or leave it out.")
    content = bytes(MAX_UPLOAD_BYTES + 1)
    assert archive_refusal(content) == expected
    assert refusal(lambda: read_file("picture.png", content)) == expected


# --- damage -------------------------------------------------------------------------------------

VALID = zipped({**RIVER, "picture.png": PICTURE})


@given(st.data())
def test_a_damaged_archive_never_fails_otherwise(data: st.DataObject) -> None:
    content = bytearray(VALID)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    check(bytes(content))


@given(st.integers(0, len(VALID)), st.binary(max_size=40))
def test_a_truncated_archive_never_fails_otherwise(cut: int, rest: bytes) -> None:
    check(VALID[:cut] + rest)


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=12)
        | st.sampled_from(["en.md", "a/campaign.toml", "campaign.toml", "../x.md", "a/b.png"]),
        st.binary(max_size=50),
        max_size=5,
    )
)
def test_any_names_and_contents_are_read_or_refused(entries: dict[str, bytes]) -> None:
    try:
        made = zipped(entries)
    except (ValueError, IndexError):  # no archive can hold this name
        return
    check(made)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(content: bytes) -> None:
    check(content)
    check(b"PK\x03\x04" + content)


def check(content: bytes) -> None:
    """See that an archive is read as a campaign, which is checked, or refused in words."""
    try:
        files = read_archive(content)
    except UploadError as error:
        assert error.problem and error.fix
        assert error.problem.isprintable()
    else:
        assert files.name
        assert all(not name.startswith(("/", ".")) and ".." not in name for name in files.content)
        load_files(files)


# --- single files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["en.md", "zh-Hant.md", "campaign.toml", "areas.csv", "Picture 1.PNG"]
)
def test_a_single_file(name: str) -> None:
    assert read_file(name, b"content").content == {name: b"content"}


def test_only_the_name_of_a_file_counts() -> None:
    assert read_file("../../etc/en.md", b"").content == {"en.md": b""}
    assert read_file("C:\\texts\\pt.md", b"").content == {"pt.md": b""}


@pytest.mark.parametrize(
    "name",
    ["", ".md", "notes.md", "README.md", "page.docx", "x.exe", "letters.csv", "..", "e\0.md"],
)
def test_other_files_are_refused(name: str) -> None:
    assert refusal(lambda: read_file(name, b"")) == (
        "This isn't a file of a campaign.",
        "Send campaign.toml, targets.csv, texts named like pt.md, a picture, or all of it as a"
        " .zip.",
    )


def test_a_large_single_file_is_refused() -> None:
    assert refusal(lambda: read_file("en.md", bytes(1_000_001))) == (
        "“en.md” is too large.",
        "Texts have up to 1 MB, pictures up to 10 MB.",
    )
