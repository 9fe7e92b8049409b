"""Measure how a public collection of bounces is read: what is missed, and what is mistaken.

The collection is the Sisimai project's set-of-emails (BSD 2-clause licence). To get it:

    git clone https://github.com/sisimai/set-of-emails
    python -m tests.peers.bounce_corpus set-of-emails/maildir

Which recipient a mail was sent to is taken from the report itself, as the collection doesn't say.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

from bot.mail.incoming.bounces import named_recipients
from bot.mail.incoming.delivery_report import Action, recipient_reports
from bot.mail.incoming.meaning import Meaning, read_meaning, returned_email
from bot.mail.messages.envelopes import AddressPurpose
from bot.mail.messages.headers import addresses, parse

DELAYS = (
    *("lhost-exim-38", "lhost-exim-41", "lhost-gmail-06", "lhost-gmail-08", "lhost-gmail-09"),
    *("lhost-gmail-17", "lhost-messagingserver-07", "lhost-opensmtpd-04", "lhost-opensmtpd-06"),
    *("lhost-opensmtpd-12", "lhost-opensmtpd-13", "lhost-opensmtpd-15", "lhost-opensmtpd-16"),
    *("lhost-outlook-06", "lhost-sendmail-29", "lhost-sendmail-55", "lhost-zoho-04"),
    *("rfc3464-07", "rfc3464-09", "rfc3464-34", "rfc3464-55", "rhost-gsuite-06"),
    "rhost-outlook-06",
)
"""Reports that a server still tries."""

NO_REPORTS = (
    *("lhost-amazonses-09", "lhost-amazonses-10", "lhost-amazonses-11", "lhost-amazonses-12"),
    *(
        "lhost-amazonses-13",
        "lhost-fml-02",
        "lhost-fml-03",
        "lhost-postfix-75",
        "lhost-sendmail-14",
    ),
    "rfc3464-28",
)
"""Notifications of other services, a forwarded report, a transcript, and a delivery."""

MAX_MISSED = 25


def kinds(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the mails of the collection with what they are: final, delay, reply, other."""
    for file in sorted(folder.glob("bsd/*.eml")):
        name = file.stem
        if name.startswith("rfc3834"):
            yield "reply", file
        elif name in DELAYS:
            yield "delay", file
        elif name in NO_REPORTS or name.startswith("arf"):
            yield "other", file
        else:
            yield "final", file
    for file in sorted(folder.glob("not/*.eml")):
        yield "other", file


def recipients(message: Message, raw: bytes) -> set[str]:
    """Return whom a mail was sent to: who failed in the report, or To in the returned mail."""
    found = [
        address
        for report in recipient_reports(message, "")
        if report.action is Action.FAILED
        for address in report.addresses
    ]
    found += [each for _, each in addresses(message, "X-Failed-Recipients")]
    if not found and (returned := returned_email(message)) is not None:
        found = [each for _, each in addresses(returned, "To")]
    found = found or list(named_recipients(message, raw))
    return {each.lower() for each in found if "@" in each}


def read(file: Path) -> Meaning:
    """Return what a mail of the collection means."""
    raw = file.read_bytes()
    message = parse(raw)
    to = recipients(message, raw)
    letter = AddressPurpose.LETTER
    found = read_meaning(message, raw, letter, "send.example", lambda each: each.lower() in to)
    return found.meaning


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main(folder: Path) -> int:
    """Print the figures; 1 if they fall short of the aim."""
    figures = Counter[tuple[str, Meaning]]()
    for kind, file in kinds(folder):
        meaning = read(file)
        figures[kind, meaning] += 1
        if (kind == "final") is not (meaning is Meaning.FAILED):
            say(f"{kind:6} {meaning:18} {file.name}")
    for (kind, meaning), count in sorted(figures.items()):
        say(f"{count:4}  {kind} read as {re.sub('_', ' ', meaning)}")
    total = sum(count for (kind, _), count in figures.items() if kind == "final")
    missed = total - figures["final", Meaning.FAILED]
    taken = figures["delay", Meaning.FAILED]
    say(f"final failures: {total}, missed: {missed}; delays taken for failures: {taken}")
    return int(not total or missed > MAX_MISSED or taken > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
