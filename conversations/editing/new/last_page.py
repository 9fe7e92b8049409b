"""The last page of the dialogue about a new campaign: what it is like, and what is missing."""

from collections.abc import Iterator, Sequence

from conversations.core.buttons.admin import CampaignAction, CampaignButton, ScreensButton
from conversations.core.buttons.new_campaign import NewAction
from conversations.core.context import Context
from conversations.core.replies import PersistentButton, Say
from conversations.editing.new.state import NewCampaign
from conversations.editing.new.view import button, cancel
from conversations.folder.leftovers import HEADINGS
from conversations.folder.loading import LoadedCampaign
from conversations.model.campaigns.skeleton import SkeletonText, skeleton_texts
from conversations.model.campaigns.targets import Target
from conversations.model.campaigns.text_headings import CODES
from conversations.model.mistakes import Mistake
from conversations.text import countries
from conversations.text.html import Html
from conversations.text.languages import own_name

MAX_NOTES = 6
"""How many notes of `check` are shown."""


def ready(context: Context, state: NewCampaign, loaded: LoadedCampaign) -> Say:
    """Return what the finished campaign is like, and the button that creates it."""
    wording, campaign = context.wording, loaded.campaign
    errors = [*blocking(context, loaded)]
    back = () if state.slug else (button(context, "button.back", NewAction.BACK),)
    if errors or campaign is None:
        lines = [wording.say("new.broken", count=len(errors)), *_notes(context, errors)]
        return Say(Html("\n\n".join(lines)), ((*back, cancel(context)),))
    lines = [
        wording.say(
            "new.ready",
            title=campaign.text(campaign.languages[0]).title,
            languages=", ".join(map(own_name, campaign.languages)),
            targets=", ".join(_target(each, campaign.languages[0]) for each in campaign.targets),
            address=context.deployment.test_address,
        )
    ]
    if campaign.at_risk:
        names = [countries.name(each, wording.language) for each in campaign.at_risk]
        lines.append(wording.say("new.warned", countries=", ".join(names)))
    if left := [_unwritten(context, each) for each in skeleton_texts(campaign)]:
        lines += [Html("\n".join((wording.say("new.unwritten"), *left)))]
    if remarks := [each for each in loaded.mistakes if not each.is_error]:
        lines += [wording.say("new.remarks"), *_notes(context, remarks)]
    create = button(context, "button.new_create", NewAction.CREATE)
    return Say(Html("\n\n".join(lines)), ((create,), (*back, cancel(context))))


def _unwritten(context: Context, found: SkeletonText) -> Html:
    """Return a line about a text or fact that is still to be written."""
    heading, label = HEADINGS.get(found.name, ""), context.wording.label
    array, _, key = found.name.rpartition(".")
    if several := {"Subject": "s", "Letter": "l"}.get(heading):
        name = label(f"edit.part_{several}", number=1)
    elif found.language:
        name = label(f"edit.part_{CODES[heading]}")
    elif array:
        name = f"{label('edit.group_targets')}: {label(f'edit.set_{key}')}"
    else:
        name = label(f"edit.set_{key}")
    return context.wording.say("new.unwritten_line", name=name)


def _target(target: Target, language: str) -> str:
    return f"{target.name_in(language)} ({target.address})"


def blocking(context: Context, loaded: LoadedCampaign) -> Iterator[Mistake]:
    """Yield why the campaign can't be created."""
    yield from (each for each in loaded.mistakes if each.is_error)
    slug = loaded.files.name
    if slug in context.deployment.campaigns:
        yield Mistake(f"There is a campaign “{slug}”.", "Choose another name.", slug)
    test_address = context.deployment.test_address.lower()
    targets = loaded.campaign.targets if loaded.campaign else ()
    for target in targets:
        if target.address.lower() == test_address:
            problem = "Test letters would go to this target: it has your test address."
            yield Mistake(problem, "Use the target's address.", target.id)


def _notes(context: Context, mistakes: Sequence[Mistake]) -> Iterator[Html]:
    """Yield the mistakes that `check` finds, one in a line, and how many more there are."""
    shown = [
        context.wording.say("new.note", where=_place(each), problem=each.problem, fix=each.fix)
        for each in mistakes[:MAX_NOTES]
    ]
    if len(mistakes) > MAX_NOTES:
        shown.append(context.wording.say("new.more_notes", count=len(mistakes) - MAX_NOTES))
    yield Html("\n".join(shown))


def _place(mistake: Mistake) -> str:
    """Return where a mistake is, without the name of the campaign's folder."""
    return mistake.where.partition("/")[2] or mistake.where


def created(context: Context, slug: str, title: str) -> Say:
    """Return what is said once the campaign exists."""
    label = context.wording.label
    walk = PersistentButton(label("button.walk"), CampaignButton(CampaignAction.TRY, slug))
    if not context.facts.admin:
        walk = PersistentButton(label("button.screens"), ScreensButton(slug))
    own = PersistentButton(label("button.new_page"), CampaignButton(CampaignAction.SHOW, slug))
    return Say(context.wording.say("new.created", title=title), ((walk,), (own,)))
