"""Publishing a draft: what changes, a colleague's approval, putting two changes together.

    home ──▶ merge? ──▶ publish? ──▶ another address? ──▶ published
                           └──▶ asked for approval ──▶ approved by a colleague ──▶ publish?

An admin publishes alone unless the settings want approval. A campaigner needs an admin's approval.
It counts for exactly one content, and nobody approves what they publish themselves.
"""

from dataclasses import replace

from conversations.admin.change_words import place_in_words, say_changes
from conversations.admin.history import say_publisher
from conversations.core.buttons.admin import CampaignAction, CampaignButton
from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Turn
from conversations.core.effects.campaigns import (
    DropCampaignDraft,
    PublishCampaignDraft,
    SaveCampaignDraft,
)
from conversations.core.fact_requests import TeamMembers
from conversations.core.replies import (
    EditMessage,
    Keyboard,
    PersistentButton,
    Reply,
    Toast,
)
from conversations.core.turns import put, toast
from conversations.editing.draft import Elsewhere
from conversations.editing.publish.publish_notices import MERGED, notices
from conversations.editing.views.pages import home, home_message
from conversations.editing.workbench import Workbench
from conversations.model.campaigns.versions import Change
from conversations.model.roles import Role
from conversations.text.html import Html
from conversations.text.wording import Wording

_MAX_ADDRESSES = 7
"""How many other addresses are shown: a table may have thousands, and each may be long."""

_MAX_OF_BOTH = 6
"""How many changes of each side are shown, so that both fit into a message."""


def ask(bench: Workbench) -> Turn:
    """Ask whether to publish, and show what changes; before that, put two changes together."""
    draft, context = bench.draft, bench.context
    if not draft.revision:
        return toast(context, "toast.edit_nothing")
    if draft.elsewhere is not None:
        return _ask_merge(bench, draft.elsewhere)
    if draft.errors:
        message = home_message(bench)
        return Turn(
            context.journey.awaiting(None),
            (
                Toast(context.wording.label("toast.edit_errors"), alert=True),
                EditMessage(message.text, message.keyboard),
            ),
        )
    wording = context.wording
    parts = [wording.say("edit.publish_sure", title=bench.title), changes_of(bench)]
    if needs_approval(bench):
        key = "edit.approved" if is_approved(bench) else "edit.needs_approval"
        by = draft.approval.by.name if draft.approval else ""
        parts.append(wording.say(key, name=by))
    text = Html("\n\n".join(each for each in parts if each))
    return put(context, text, _ask_ways(bench))


def _ask_ways(bench: Workbench) -> Keyboard:
    if needs_approval(bench) and not is_approved(bench):
        action, key = EditAction.ASK_APPROVAL, "button.compose_eyes"
    else:
        action, key = EditAction.PUBLISH_YES, "button.edit_publish_yes"
    return (
        (bench.button(key, action, bench.revision),),
        (bench.button("button.back", EditAction.HOME),),
    )


def needs_approval(bench: Workbench) -> bool:
    """Whether a colleague has to approve before this person publishes."""
    return bench.context.deployment.approve_campaigns or not bench.is_admin


def is_approved(bench: Workbench) -> bool:
    """Whether another person, who is an admin still, approved exactly this content."""
    approval, me = bench.draft.approval, bench.context.facts.member_id
    if approval is None or approval.by.member == me:
        return False
    members = bench.context.fact(TeamMembers())
    return any(each.id == approval.by.member and each.role is Role.ADMIN for each in members)


def publish(bench: Workbench, button: EditButton) -> Turn:
    """Publish the draft, as the person saw it."""
    draft, context = bench.draft, bench.context
    if not draft.revision or button.part != bench.revision:
        return toast(context, "toast.edit_changed", alert=True)
    unapproved = needs_approval(bench) and not is_approved(bench)
    if draft.elsewhere is not None or draft.errors or unapproved:
        return ask(bench)
    if button.action is not EditAction.SEND_THERE and (moved := _moved_targets(bench)):
        return _ask_address(bench, moved)
    name = context.facts.profile_name
    effect = PublishCampaignDraft(bench.slug, draft.revision, name, needs_approval(bench))
    wording, number = context.wording, draft.base + 1
    text = wording.say("edit.published", number=number, title=bench.title)
    back = CampaignButton(CampaignAction.SHOW, bench.slug)
    row = (PersistentButton(wording.label("button.back"), back),)
    replies: tuple[Reply, ...] = (EditMessage(text, (row,)), *notices(bench, number))
    return Turn(context.journey.awaiting(None), replies, (effect,))


def changes_of(bench: Workbench, wording: Wording | None = None) -> Html:
    """Return what a draft changes, a line each; `wording` is that of the reader, if not of the
    person.
    """
    return Html("\n".join(say_changes(wording or bench.context.wording, bench.draft.changes)))


# --- another address ------------------------------------------------------------------------------


def _moved_targets(bench: Workbench) -> tuple[tuple[str, str], ...]:
    """Return the addresses that letters of a live campaign no longer go to, and the new ones."""
    before = bench.context.deployment.campaigns.get(bench.slug)
    after = bench.draft.loaded.campaign
    if before is None or after is None or not bench.is_live or after.test:
        return ()
    old = {each.id: each.address for each in before.targets}
    new = {each.id: each.address for each in after.targets}
    return tuple(
        (old.get(id_, ""), new.get(id_, ""))
        for id_ in dict.fromkeys((*old, *new))
        if old.get(id_) != new.get(id_)
    )


def _ask_address(bench: Workbench, moved: tuple[tuple[str, str], ...]) -> Turn:
    wording = bench.context.wording
    lines = [
        wording.say("edit.address_line", before=before or "–", after=after or "–")
        for before, after in moved[:_MAX_ADDRESSES]
    ]
    if len(moved) > _MAX_ADDRESSES:
        lines.append(wording.say("edit.more_mistakes", count=len(moved) - _MAX_ADDRESSES))
    text = Html("\n".join((wording.say("edit.address_sure", title=bench.title), *lines)))
    yes = bench.button("button.edit_send_there", EditAction.SEND_THERE, bench.revision)
    no = bench.button("button.no_back", EditAction.HOME)
    return put(bench.context, text, ((yes,), (no,)))


# --- two changes at the same time -----------------------------------------------------------------


def _ask_merge(bench: Workbench, elsewhere: Elsewhere) -> Turn:
    """Show what was published since the draft was begun, and what is in both."""
    wording, by = bench.context.wording, elsewhere.by
    parts = [
        wording.say("edit.merge_theirs", number=by.number, who=say_publisher(bench.context, by)),
        Html("\n".join(say_changes(wording, elsewhere.changes, _MAX_OF_BOTH))),
        wording.say("edit.merge_yours"),
        Html("\n".join(say_changes(wording, bench.draft.changes, _MAX_OF_BOTH))),
    ]
    if conflicts := elsewhere.merge.conflicts:
        changes = (_conflict(bench, each) for each in conflicts[:_MAX_OF_BOTH])
        listed = ", ".join(place_in_words(wording, each) for each in changes)
        parts.append(wording.say("edit.merge_both", parts=listed, number=by.number))
    yes = bench.button("button.edit_merge", EditAction.MERGE, bench.revision)
    no = bench.button("button.back", EditAction.HOME)
    return put(bench.context, Html("\n\n".join(each for each in parts if each)), ((yes,), (no,)))


def _conflict(bench: Workbench, conflict: str) -> Change:
    """Return the draft's change that is in conflict with another one: “en.md: Title”."""
    file, _, part = conflict.partition(": ")
    for each in bench.draft.changes:
        if each.file == file and f"{each.part}.".startswith(f"{part}."):
            return replace(each, part=part)
    return Change(file, part, "", "")


def merge(bench: Workbench, button: EditButton) -> Turn:
    """Put the draft and the newest version together; the draft changes that version then."""
    draft, context, elsewhere = bench.draft, bench.context, bench.draft.elsewhere
    if elsewhere is None:
        return home(bench)
    if button.part != bench.revision:
        return toast(context, "toast.edit_changed", alert=True)
    effect = SaveCampaignDraft(
        bench.slug,
        elsewhere.merge.files.content,
        elsewhere.by.number,
        draft.revision,
        context.facts.profile_name,
        f"version {elsewhere.by.number}",
        {MERGED: draft.base, **draft.state},
    )
    text = context.wording.say("edit.merged", number=elsewhere.by.number)
    onward = bench.button("button.edit_publish", EditAction.PUBLISH)
    back = bench.button("button.edit_home", EditAction.HOME)
    return put(context, text, ((onward,), (back,)), effects=(effect,))


# --- throwing away --------------------------------------------------------------------------------


def ask_drop(bench: Workbench) -> Turn:
    """Ask whether to throw the draft away."""
    if not bench.draft.revision:
        return toast(bench.context, "toast.gone")
    wording = bench.context.wording
    text = wording.say("edit.drop_sure", title=bench.title)
    if name := bench.last_editor:
        text = Html(f"{text}\n\n{wording.say('edit.by', name=name)}")
    yes = bench.button("button.edit_drop_yes", EditAction.DROP, bench.revision)
    no = bench.button("button.no_back", EditAction.HOME)
    return put(bench.context, Html(f"{text}\n\n{changes_of(bench)}"), ((yes,), (no,)))


def drop(bench: Workbench, button: EditButton) -> Turn:
    """Throw the draft away, as the person saw it."""
    draft, context = bench.draft, bench.context
    if not draft.revision or button.part != bench.revision:
        return toast(context, "toast.edit_changed", alert=True)
    is_served = bench.slug in context.deployment.campaigns
    action = CampaignAction.SHOW if is_served else CampaignAction.LIST
    back = CampaignButton(action, bench.slug if is_served else "")
    row = (PersistentButton(context.wording.label("button.back"), back),)
    text = context.wording.say("edit.dropped")
    effect = DropCampaignDraft(bench.slug, draft.revision)
    return put(context, text, (row,), effects=(effect,))
