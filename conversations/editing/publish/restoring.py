"""Restoring an older version of a campaign: it becomes the draft, and is published like any change.

So a version that is restored needs the same approval as an edit, and an address that changes is
confirmed.
"""

from conversations.admin import history
from conversations.admin.history import PublishedVersion, PublishedVersions
from conversations.core.buttons.admin import VersionAction, VersionsButton
from conversations.core.buttons.campaigns import EditAction
from conversations.core.context import Context, Turn
from conversations.core.effects.campaigns import SaveCampaignDraft
from conversations.core.replies import Keyboard, PersistentButton
from conversations.core.turns import put, toast
from conversations.editing.workbench import Workbench, load


def pressed(context: Context, button: VersionsButton) -> Turn:
    """Answer a button of a campaign's versions. Raises FactMissing."""
    if button.action is not VersionAction.RESTORE:
        return history.pressed(context, button)
    found = context.fact(PublishedVersion(button.campaign, button.number))
    bench = load(context, button.campaign)
    if found is None or bench is None:
        return toast(context, "toast.gone")
    if not history.can_restore(context, found):
        return toast(context, "toast.answered")
    if bench.draft.revision:
        return _draft_is_open(bench, button)
    newest = context.fact(PublishedVersions(button.campaign))[0].number
    name, what = context.facts.profile_name, f"version {button.number}"
    effect = SaveCampaignDraft(button.campaign, found.content, newest, "", name, what)
    text = context.wording.say("versions.restored", number=button.number)
    publish = bench.button("button.edit_publish", EditAction.PUBLISH)
    return put(context, text, ((publish,), *_ways(bench, button)), effects=(effect,))


def _draft_is_open(bench: Workbench, button: VersionsButton) -> Turn:
    """Say that a draft has changes, which would be lost."""
    wording = bench.context.wording
    text = wording.say("versions.draft_open", title=bench.title, number=button.number)
    return put(bench.context, text, _ways(bench, button))


def _ways(bench: Workbench, button: VersionsButton) -> Keyboard:
    back = VersionsButton(VersionAction.SHOW, button.campaign, button.number)
    label = bench.context.wording.label("button.back")
    return (
        (bench.button("button.edit_home", EditAction.HOME),),
        (PersistentButton(label, back),),
    )
