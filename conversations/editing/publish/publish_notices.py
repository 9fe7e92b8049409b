"""Messages to colleagues whose work is part of what was published, or lies below it."""

from collections.abc import Iterator

from conversations.admin.change_words import say_changes
from conversations.admin.history import PublishedVersions
from conversations.core.buttons.admin import VersionAction, VersionsButton
from conversations.core.fact_requests import TeamMembers
from conversations.core.replies import Keyboard, OtherChat, PersistentButton, Say
from conversations.editing.workbench import Workbench
from conversations.model.roles import Member, Role
from conversations.text.html import Html
from conversations.text.wording import Wording

MERGED = "merged"
"""The key in a draft's state of the version that it changed before it was first put together with a
newer one. It never changes.
"""


def notices(bench: Workbench, number: int) -> tuple[OtherChat, ...]:
    """Return a message to everyone else who changed the draft, or published what it was put
    together with. `number` is that of the published version. Raises FactMissing.
    """
    me = {bench.context.facts.member_id}
    editors = {each.member for each in bench.draft.editors} - me
    publishers = _publishers(bench)
    if not editors and not publishers.keys() - me:
        return ()
    return tuple(
        OtherChat(each.chat, (said,))
        for each in bench.context.fact(TeamMembers())
        if each.id not in me
        for said in _notice(bench, number, each, each.id in editors, publishers.get(each.id))
    )


def _publishers(bench: Workbench) -> dict[str, int]:
    """Return who published versions in the chat that the draft was put together with, each with
    the newest of them. Raises FactMissing.
    """
    begun_on = bench.draft.state.get(MERGED)
    if begun_on is None:
        return {}
    published = bench.context.fact(PublishedVersions(bench.slug))
    return {
        each.member: each.number
        for each in reversed(published)
        if each.member and begun_on < each.number <= bench.draft.base
    }


def _notice(
    bench: Workbench, number: int, member: Member, is_editor: bool, theirs: int | None
) -> Iterator[Say]:
    context = bench.context
    wording, name = context.deployment.staff_wording(member.language), context.facts.profile_name
    values: dict[str, str | int] = {"name": name, "number": number, "title": bench.title}
    if is_editor:
        yield Say(wording.say("edit.published_by", **values))
    elif theirs is not None:
        said = wording.say("edit.published_over", theirs=theirs, **values)
        changes = say_changes(wording, bench.draft.changes)
        yield Say(Html("\n".join((said, *changes))), _history(bench, wording, number, member))


def _history(bench: Workbench, wording: Wording, number: int, member: Member) -> Keyboard:
    """Return the button to the published version, which admins can open."""
    if member.role is not Role.ADMIN:
        return ()
    shown = VersionsButton(VersionAction.SHOW, bench.slug, number)
    return ((PersistentButton(wording.label("button.versions"), shown),),)
