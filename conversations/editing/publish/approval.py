"""A colleague's approval of a draft, exactly as it is."""

from conversations.broadcasts.approval import is_new
from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Turn
from conversations.core.effects.campaigns import ApproveCampaignDraft, RequestDraftApproval
from conversations.core.fact_requests import TeamMembers
from conversations.core.replies import Button, EditMessage, OtherChat, PersistentButton, Say, Toast
from conversations.core.turns import toast
from conversations.editing.publish.publishing import changes_of
from conversations.editing.workbench import Workbench
from conversations.model.roles import Role
from conversations.text.html import Html


def ask_approval(bench: Workbench, button: EditButton) -> Turn:
    """Show the changes to all admins but the person: one of them can approve."""
    context = bench.context
    if button.part != bench.revision or bench.draft.errors:
        return toast(context, "toast.edit_changed", alert=True)
    members = context.fact(TeamMembers())
    asked = tuple(
        OtherChat(each.chat, (_request(bench, each.language),))
        for each in members
        if each.role is Role.ADMIN and each.id != context.facts.member_id and not each.is_new
    )
    key = "toast.compose_asked" if asked else "toast.compose_alone"
    effects = (RequestDraftApproval(bench.slug),) if asked else ()
    shown = Toast(context.wording.label(key), alert=not asked)
    return Turn(context.journey, (shown, *asked), effects)


def _request(bench: Workbench, language: str) -> Say:
    wording = bench.context.deployment.staff_wording(language)
    name = bench.context.facts.profile_name
    text = wording.say("edit.approve_sure", name=name, title=bench.title)
    walk = EditButton(EditAction.WALK, bench.slug)
    yes = EditButton(EditAction.APPROVE, bench.slug, part=bench.revision)
    rows: tuple[tuple[Button, ...], ...] = (
        (PersistentButton(wording.label("button.edit_walk"), walk),),
        (PersistentButton(wording.label("button.compose_good"), yes),),
    )
    return Say(Html(f"{text}\n\n{changes_of(bench, wording)}"), rows)


def approve(bench: Workbench, button: EditButton) -> Turn:
    """Approve the draft exactly as the admin saw it."""
    draft, context = bench.draft, bench.context
    me = context.facts
    if not bench.is_admin:
        return toast(context, "toast.no_role", alert=True)
    if not draft.revision:
        return toast(context, "toast.gone")
    if button.part != bench.revision:
        return toast(context, "toast.edit_changed", alert=True)
    if is_new(context):
        return toast(context, "toast.compose_new", alert=True)
    if draft.approval is not None:
        return toast(context, "toast.compose_approved")
    author = draft.editors[-1].member if draft.editors else ""
    if author == me.member_id:
        return toast(context, "toast.answered")
    told = tuple(
        OtherChat(each.chat, (_approved(bench, each.language),))
        for each in context.fact(TeamMembers())
        if each.id == author
    )
    effect = ApproveCampaignDraft(bench.slug, draft.revision, me.profile_name)
    thanks = EditMessage(context.wording.say("edit.approve_thanks", title=bench.title))
    return Turn(context.journey, (thanks, *told), (effect,))


def _approved(bench: Workbench, language: str) -> Say:
    wording = bench.context.deployment.staff_wording(language)
    name = bench.context.facts.profile_name
    onward = EditButton(EditAction.PUBLISH, bench.slug)
    row = (PersistentButton(wording.label("button.edit_publish"), onward),)
    return Say(wording.say("edit.approved_by", name=name, title=bench.title), (row,))
