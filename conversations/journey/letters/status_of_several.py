"""The one message that shows the status of all letters of a Send to several targets."""

from collections.abc import Sequence

from conversations.core.buttons import persistent
from conversations.core.facts import Deployment
from conversations.core.replies import PersistentButton, Say
from conversations.journey.letters.letter_status import (
    StatusFacts,
    after_letter,
    is_soon,
    mark_test,
    why_cancelled,
)
from conversations.journey.letters.recipients import names
from conversations.model.letters.delivery import WITHDRAWABLE_STATES, LetterState
from conversations.text.html import Html, escape
from conversations.text.wording import Wording

_FAILED = (LetterState.FAILED, LetterState.BOUNCED)


def status(deployment: Deployment, language: str, letters: Sequence[StatusFacts]) -> Say:
    """Return the text and the buttons for these letters now."""
    first = letters[0]
    wording = deployment.wording(language, first.campaign)
    if all(each.state is LetterState.CANCELLED for each in letters):
        said = why_cancelled(deployment, wording, letters)
        return mark_test(deployment, wording, first, Say(said))
    head = _head(wording, letters)
    lines = [head, *_by_state(deployment, wording, letters)]
    if any(each.state in _FAILED for each in letters):
        campaign = deployment.campaigns.get(first.campaign)
        contact = campaign.contact if campaign else deployment.mailbox
        lines.append(wording.say("several.contact", contact=contact))
    waits = [each for each in letters if each.state in WITHDRAWABLE_STATES]
    if any(each.paused or each.stuck for each in waits):
        lines.append(wording.say("several.paused"))
    text = Html("\n".join(lines))
    if waits:
        undo = PersistentButton(wording.label("button.undo"), persistent.UndoSend(first.action))
        shown = Say(text, ((undo,),))
    elif any(each.state is LetterState.ACCEPTED for each in letters):
        shown = after_letter(deployment, wording, _with_copy(letters), text)
    else:
        shown = Say(text)
    return mark_test(deployment, wording, first, shown)


def _head(wording: Wording, letters: Sequence[StatusFacts]) -> Html:
    """Return how many letters have left, or when they will."""
    sent, total = _count(letters, LetterState.ACCEPTED), len(letters)
    queued = [each for each in letters if each.state is LetterState.QUEUED]
    if (
        len(queued) == total
        and all(map(is_soon, queued))
        and not any(each.paused for each in queued)
    ):
        return wording.say("several.soon", total=total)
    if sent == total and not letters[0].clear_after:
        return wording.say("several.sent", total=total)
    said = wording.say("several.left", count=sent, total=total)
    if not letters[0].clear_after:
        return said
    return Html(f"{said} {wording.say('status.discreet')}")


def _by_state(
    deployment: Deployment, wording: Wording, letters: Sequence[StatusFacts]
) -> list[Html]:
    """Return a line for each state in which letters are that have not been accepted."""
    found: dict[LetterState, list[StatusFacts]] = {}
    for each in letters:
        found.setdefault(each.state, []).append(each)
    if len(found) < 2 and not found.keys() & {*_FAILED, LetterState.UNKNOWN}:
        return []
    campaign = deployment.campaigns.get(letters[0].campaign)
    known = campaign.index.by_id if campaign else {}
    lines = []
    for state in LetterState:
        if state is LetterState.ACCEPTED or state not in found:
            continue
        targets = [known[each.target] for each in found[state] if each.target in known]
        named = names(targets, wording) if targets else wording.number(len(found[state]))
        label = wording.label(f"state.{state}")
        lines.append(Html(f"• {escape(label)}: {escape(named)}"))
    return lines


def _with_copy(letters: Sequence[StatusFacts]) -> StatusFacts:
    """Return the letter of which the supporter may have a copy, else one that was accepted."""
    accepted = [each for each in letters if each.state is LetterState.ACCEPTED]
    return next((each for each in accepted if each.copy), accepted[0])


def _count(letters: Sequence[StatusFacts], state: LetterState) -> int:
    return sum(each.state is state for each in letters)
