"""Check a campaign's prompts: questions that help supporters find words of their own."""

from collections.abc import Iterator

from conversations.folder.formats.markdown_sections import TextFile, TextSection
from conversations.model.campaigns.campaign import Campaign, Edits
from conversations.model.mistakes import Mistake

MAX_PROMPTS = 2
MAX_PROMPT_LENGTH = 100
"""Characters of a prompt: both must fit below the letter."""


def wrong_prompts(campaign: Campaign, file: TextFile) -> Iterator[Mistake]:
    """Yield why the prompts in `file` can't be shown."""
    found = [each for each in file.sections if each.heading.partition(" ")[0] == "Prompt"]
    if not found:
        return
    where = f"{file.name}:{found[0].line}"
    if campaign.at_risk:
        problem = "Prompts lead people to write about themselves, which can endanger those at risk."
        yield Mistake(problem, "Remove them, or empty at_risk.", where)
    if campaign.edits is not Edits.ADD:
        problem = f'Prompts need edits = "add"; here it is "{campaign.edits}".'
        yield Mistake(problem, "Change edits, or remove the prompts.", where)
    if len(found) > MAX_PROMPTS:
        problem = f"There are {len(found)} prompts; the review offers at most {MAX_PROMPTS}."
        yield Mistake(problem, "Remove the others.", f"{file.name}:{found[MAX_PROMPTS].line}")
    yield from _too_long(found, file.name)


def _too_long(prompts: list[TextSection], name: str) -> Iterator[Mistake]:
    for each in prompts:
        if (over := len(each.text) - MAX_PROMPT_LENGTH) > 0:
            problem = f"“{each.heading}” is {over} characters too long."
            yield Mistake(problem, "Ask it in fewer words.", f"{name}:{each.line}")
