"""Targets in a table: what is read, and what is refused by row and column."""

import tracemalloc

import pytest

from conversations.folder.campaign_files import CampaignFiles, read_folder
from conversations.folder.edits.changes import find_changes
from conversations.folder.loading import LoadedCampaign, load_files
from conversations.folder.packed_files import pack, unpack
from tests.conversations.play import OTHERS

HEADING = "id,name,address,country,areas"
ROW = 'ana,Ana Silva,ana@parliament.example,PT,"1200, 1300"'
QUESTION = """
[[questions]]
id = "postcode"
kind = "postcode"
label = { en = "Postcode", pt = "Código" }
text = { en = "Which?", pt = "Qual?" }
purpose = { en = "It leads to your representative.", pt = "Serve para isso." }
required = true
"""


def files(table: bytes, *, areas: bytes | None = None, keys: str = "") -> CampaignFiles:
    river = read_folder(OTHERS / "river")
    head = river.content["campaign.toml"].decode().partition("# Everyone writes")[0]
    toml = f'{head}write_to = "all"\ntargets_by = "postcode"\n{keys}{QUESTION}'
    content = {**river.content, "campaign.toml": toml.encode(), "targets.csv": table}
    if areas is not None:
        content["areas.csv"] = areas
    return CampaignFiles("river", content)


def mistakes(loaded: LoadedCampaign) -> list[str]:
    return [f"{each.where}: {each.problem}" for each in loaded.mistakes if each.is_error]


@pytest.mark.parametrize(
    "table",
    [
        f"{HEADING}\n{ROW}\n",
        f"\ufeff{HEADING}\r\n\r\n{ROW}\r\n",
        f"{HEADING}\n{ROW}".replace(",", ";").replace("1200;", "1200,"),
        f"{HEADING}\n{ROW}".replace(",", "\t").replace("1200\t", "1200,"),
    ],
)
def test_tables_of_any_program_are_read(table: str) -> None:
    loaded = load_files(files(table.encode()))
    assert mistakes(loaded) == []
    assert loaded.campaign
    (ana,) = loaded.campaign.targets
    assert (ana.id, ana.address, ana.areas) == ("ana", "ana@parliament.example", ("1200", "1300"))
    assert ana.name == {"en": "Ana Silva", "pt": "Ana Silva"}
    assert ana.languages == ("en", "pt")


def test_keys_without_a_column_have_a_default() -> None:
    keys = '[target_defaults]\nkind = "company"\nletters_per_hour = 5\n'
    table = f"{HEADING},letters_per_hour,name_pt\n{ROW},7,A Ana\nrui,Rui,r@p.example,PT,2,,\n"
    loaded = load_files(files(table.encode(), keys=keys))
    assert mistakes(loaded) == []
    assert loaded.campaign
    ana, rui = loaded.campaign.targets
    assert (ana.kind, ana.letters_per_hour, ana.name["pt"]) == ("company", 7, "A Ana")
    assert (rui.letters_per_hour, rui.name["pt"]) == (5, "Rui")


def test_areas_are_read_and_travel_with_the_version() -> None:
    written = files(f"{HEADING}\n{ROW}\n".encode(), areas=b"prefix,area\n12,Lisboa\n")
    again = unpack("river", pack(written))
    loaded = load_files(again)
    assert mistakes(loaded) == []
    assert loaded.campaign
    assert loaded.campaign.areas == {"12": "Lisboa"}
    changed = files(f"{HEADING}\n{ROW}x\n".encode())
    assert [each.file for each in find_changes(written, changed)] == ["areas.csv", "targets.csv"]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (f"{HEADING}\n{ROW.replace('@', ' at ')}", "2 address: This isn't a valid email address."),
        (f"{HEADING}\n{ROW}\n\n{ROW}", "2 id: Two targets have the id “ana”."),
        (f"{HEADING}\n{ROW.replace('PT', 'Portugal')}", "2 country: This has the wrong format."),
        (f"{HEADING}\n{ROW.replace('Ana Silva', '=1+1')}", "2 name: This begins like a formula."),
        (
            f"{HEADING}\n{ROW.replace('Ana Silva', '@SUM(A1)')}",
            "2 name: This begins like a formula.",
        ),
        (f"{HEADING}\n{ROW},more", "2: This row has 6 cells, but the heading has 5."),
        (f"{HEADING}\n{ROW[:-1]}", "2: This row can't be read: a quote is missing, or a cell is"),
        (
            f"{HEADING}\n{ROW.replace('Silva', 'x' * 2000)}",
            "2 name: This cell has 2,004 characters.",
        ),
        (f"{HEADING},areas\n{ROW},", "1: Two columns are called “areas”."),
        (f"{HEADING},adress\n{ROW},", "1: The column “adress” is not known."),
        ("name,address\nAna,a@b.example", "1: There is no column “id”."),
        (HEADING, "This table is empty."),
        (f"{HEADING}\n{ROW}\0", "This isn't a text file: it contains zero bytes."),
    ],
)
def test_mistakes_are_named_by_row_and_column(table: str, expected: str) -> None:
    found = mistakes(load_files(files(table.encode())))
    assert found
    place = "" if expected[0].isalpha() else ":"
    separator = place or ": "
    assert found[0].startswith(f"river/targets.csv{separator}{expected}"), found


def test_other_encodings_are_refused() -> None:
    for encoding in ("utf-16", "latin-1", "cp037"):
        table = f"{HEADING}\n{ROW.replace('Silva', 'Conceição')}".encode(encoding)
        (mistake,) = mistakes(load_files(files(table)))
        assert mistake == "river/targets.csv: This isn't a valid UTF-8 text file."


def test_large_tables_are_refused_in_little_memory() -> None:
    row = ROW.encode() + b"\n"
    for table in (HEADING.encode() + b"\n" + row * 11_000, b"x" * 5_000_000, b'"' * 3_900_000):
        written = files(table)
        tracemalloc.start()
        assert len(mistakes(load_files(written))) == 1
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 60_000_000


def test_only_the_first_mistakes_of_a_table_are_listed() -> None:
    rows = "\n".join(f"t{n},Name,nobody,PT,{n}" for n in range(500))
    found = mistakes(load_files(files(f"{HEADING}\n{rows}".encode())))
    assert len(found) == 21
    assert found[-1] == "river/targets.csv: There are 480 more mistakes in this table."


def test_more_than_fifty_letters_a_person_are_refused() -> None:
    rows = "\n".join(f"t{n},Name,t{n}@p.example,PT,1" for n in range(51))
    (mistake,) = mistakes(load_files(files(f"{HEADING}\n{rows}".encode())))
    assert mistake.endswith("Some supporters would write 51 letters. At most 50 are possible.")
