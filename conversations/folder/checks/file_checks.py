"""Check that the values in a well-formed `campaign.toml` make sense together."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from conversations.folder.checks.language_checks import check_languages
from conversations.folder.checks.question_checks import check_questions
from conversations.folder.checks.target_checks import check_targets
from conversations.folder.checks.value_checks import (
    Locate,
    check_countries,
    invisible_characters,
    is_address,
)
from conversations.folder.checks.waiting_times import long_waits
from conversations.model.archive_keys import PUBLIC_PREFIX, ArchiveKeyError, read_key
from conversations.model.campaigns.campaign import CampaignFile
from conversations.model.mistakes import Mistake

_WEB_ADDRESS = re.compile(r"https?://[^\s/?#<>\"@]+(?:[/?#][^\s<>\"]*)?")


def check_file(
    file: CampaignFile, folder: str, locate: Locate, today: date | None = None
) -> Iterator[Mistake]:
    """Yield the contradictions and impossible values in `campaign.toml`.

    `folder` is the name of the campaign's folder; `locate` returns where a key is in the file.
    Without `today`, dates may be in the past.
    """
    if file.slug != folder:
        problem = f"The slug and the folder name “{folder}” differ."
        yield Mistake(problem, "Make them the same.", locate("slug"))
    yield from _dates(file, locate, today)
    yield from _unreadable_names(file, locate)
    if not is_address(file.contact):
        yield Mistake(
            "This isn't a valid email address.", "Write it like people@a.example", locate("contact")
        )
    for key in ("official_page", "privacy_policy"):
        if not _WEB_ADDRESS.fullmatch(getattr(file, key)):
            yield Mistake("This isn't a valid web address.", "Write it with https://", locate(key))
    for key, listed in (("at_risk", file.at_risk), ("likely_countries", file.likely_countries)):
        yield from check_countries(listed, locate(key))
    if file.identity != "relay" and file.reply_to == "none":
        problem = 'From could reveal the address that reply_to = "none" hides.'
        fix = 'Use identity = "relay", or another reply_to.'
        yield Mistake(problem, fix, locate("identity"))
    if file.identity != "relay" and file.allow_letters_in_other_peoples_names:
        problem = "Without email codes, letters could be sent from anyone's address."
        fix = 'Use identity = "relay", or have addresses confirmed.'
        yield Mistake(problem, fix, locate("identity"))
    if file.ask_after_days is not None and file.reply_to != "supporter":
        problem = "Supporters can't know whether the target answered: replies don't go to them."
        fix = 'Use reply_to = "supporter", or delete this line.'
        yield Mistake(problem, fix, locate("ask_after_days"))
    yield from check_languages(file, locate)
    yield from _archive(file, locate)
    yield from check_targets(file, locate)
    yield from check_questions(file, locate)


def _archive(file: CampaignFile, locate: Locate) -> Iterator[Mistake]:
    """Yield why details could not be archived, or would not be although there is a key."""
    if file.archive_key is None:
        if file.archive == "sealed":
            fix = "Make one with `actionbot archive new-key`, and put the public key here."
            yield Mistake("The archive needs archive_key.", fix, locate("archive"))
        return
    try:
        read_key(PUBLIC_PREFIX, file.archive_key)
    except ArchiveKeyError as error:
        problem = f"This isn't the public key of an archive: {error}."
        fix = "Copy the line that `actionbot archive new-key` printed."
        yield Mistake(problem, fix, locate("archive_key"))
    if file.archive == "none":
        problem = 'Nothing is archived: archive is "none".'
        fix = 'Write archive = "sealed", or delete archive_key.'
        yield Mistake(problem, fix, locate("archive_key"), is_error=False)


def _dates(file: CampaignFile, locate: Locate, today: date | None) -> Iterator[Mistake]:
    """Yield dates that contradict each other, and those that are in the past."""
    if file.opens and file.closes and file.closes <= file.opens:
        yield Mistake("It closes before it opens.", "Change one of the dates.", locate("closes"))
    if file.closes and datetime.combine(file.keep_until, time.max, UTC) < file.closes:
        problem = "Personal data would be deleted before the campaign closes."
        fix = "Choose a day after the campaign closes."
        yield Mistake(problem, fix, locate("keep_until"))
    if today is None:
        return
    if file.keep_until < today:
        problem = "This day is in the past: all personal data would be deleted at once."
        fix = "Choose a later day. If the campaign is over, move its folder away."
        yield Mistake(problem, fix, locate("keep_until"))
        return
    if file.closes and file.closes.date() < today:
        problem = "This time is in the past: the campaign takes no letters."
        yield Mistake(problem, "Choose a later one.", locate("closes"), is_error=False)
    yield from long_waits(file, locate, today)


def _unreadable_names(file: CampaignFile, locate: Locate) -> Iterator[Mistake]:
    """Yield names that are blank or contain control characters, which would break email headers."""
    names: dict[str, tuple[str, ...]] = {"organisation": (file.organisation,)}
    names |= {
        f"targets.{number}.name": tuple(target.name.values())
        for number, target in enumerate(file.targets)
    }
    for key, texts in names.items():
        for text in texts:
            if not text.strip():
                yield Mistake("This is empty.", "Fill it in.", locate(key))
            if found := invisible_characters(text):
                problem = f"It contains invisible characters ({found})."
                yield Mistake(problem, "Type it again.", locate(key))
