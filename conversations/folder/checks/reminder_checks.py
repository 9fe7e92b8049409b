"""Check a campaign's reminder letter, which goes to a target that did not answer the first one."""

from collections.abc import Iterator, Mapping

from conversations.folder.formats.markdown_sections import TextFile
from conversations.model.campaigns.campaign import Campaign
from conversations.model.mistakes import Mistake

REMINDER, SUBJECT = "Reminder", "Reminder subject"


def wrong_reminders(campaign: Campaign, written: Mapping[str, TextFile]) -> Iterator[Mistake]:
    """Yield why the reminder in the text files, by language, can't be offered, or never is."""
    have = {language for language, texts in campaign.texts.items() if texts.reminder}
    for language, file in written.items():
        texts = campaign.texts[language]
        if texts.reminder_subject and not texts.reminder:
            problem = f"“{SUBJECT}” has no letter."
            fix = f"Add one under a heading: # {REMINDER}"
            yield Mistake(problem, fix, f"{file.name}:{file.line(SUBJECT)}")
        elif have and language not in have:
            problem = "The reminder letter is missing; other languages have one."
            yield Mistake(problem, f"Add it under a heading: # {REMINDER}", file.name)
    first = next(iter(written.values()))
    if have and campaign.ask_after_days is None:
        problem = "Nobody is offered the reminder letter, since nobody is asked about an answer."
        fix = "Set ask_after_days, or remove it."
        yield Mistake(problem, fix, f"{first.name}:{first.line(REMINDER)}", is_error=False)
    elif not have and campaign.ask_after_days is not None:
        problem = "Supporters without an answer can't write again: there is no reminder letter."
        fix = f"Add a shorter letter under a heading: # {REMINDER}"
        yield Mistake(problem, fix, first.name, is_error=False)
