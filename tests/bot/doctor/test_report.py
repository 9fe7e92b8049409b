"""How findings are read: at 80 and at 120 columns, in a list, and in DNS."""

from rich.console import Console

from bot.doctor.finding import Finding, Status
from bot.doctor.report import lines, table
from bot.mail.authentication.dkim_keys import DnsRecord

RECORD = DnsRecord("_dmarc.river.example", "v=DMARC1; p=none")
FOUND = (
    Finding("token", Status.GOOD, "The bot is @river_bot."),
    Finding("clock", Status.WARNING, "It is 9 seconds off.", "Codes end too early.", "Set it."),
    Finding(
        "DMARC",
        Status.BAD,
        "There is no record.",
        "Large providers want one, and refuse mail where there is none at all.",
        "Put the record below into your DNS.",
        "river.example",
        (RECORD,),
    ),
    Finding(
        "DMARC", Status.BAD, "There is no record.", about="send.river.example", records=(RECORD,)
    ),
)
END = [
    "",
    "Add to your DNS:",
    "",
    "Name:  _dmarc.river.example",
    "Type:  TXT",
    "Value: v=DMARC1; p=none",
    "",
    "Problems: 2. Warnings: 1.",
]


def shown(width: int) -> list[str]:
    console = Console(width=width, markup=False, highlight=False, color_system=None)
    with console.capture() as capture:
        console.print(table(FOUND, width))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_at_80_columns_all_stands_in_one() -> None:
    assert shown(80) == [
        "   What                Found, what it means, what to do",
        "─" * 80,
        "✓  token               The bot is @river_bot.",
        "!  clock               It is 9 seconds off.",
        "                       Codes end too early.",
        "                       → Set it.",
        "✗  DMARC               There is no record.",
        "   river.example       Large providers want one, and refuse mail where there is",
        "                       none at all.",
        "                       → Put the record below into your DNS.",
        "✗  DMARC               There is no record.",
        "   send.river.example",
    ]


def test_at_120_columns_each_has_its_own() -> None:
    said = shown(120)
    assert said[0].split() == ["What", "Found", "What", "it", "means", "What", "to", "do"]
    assert max(len(line) for line in said) == 120
    assert said[3].endswith("  → Set it.")


def test_where_no_terminal_is_it_is_a_list() -> None:
    assert list(lines(FOUND, in_table=False)) == [
        "✓ token: The bot is @river_bot.",
        "! clock: It is 9 seconds off.",
        "  Codes end too early.",
        "  → Set it.",
        "✗ DMARC (river.example): There is no record.",
        "  Large providers want one, and refuse mail where there is none at all.",
        "  → Put the record below into your DNS.",
        "✗ DMARC (send.river.example): There is no record.",
        *END,
    ]


def test_records_stand_under_the_table_each_once() -> None:
    assert list(lines(FOUND, in_table=True)) == END
    assert list(lines(FOUND[:1], in_table=True)) == ["", "Everything looks fine."]
