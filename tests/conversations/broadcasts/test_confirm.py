"""What is asked before a broadcast is sent: its cost, its doubts, and other broadcasts."""

from dataclasses import replace

import pytest

from conversations.core.effects.broadcasts import ConfirmBroadcast, SaveDraft
from conversations.core.replies import EditMessage, OtherChat, Say
from conversations.model.broadcast import Media, Part
from tests.conversations.broadcasts.drafts import (
    ALLOWED,
    HELLO,
    PAUL,
    WAITS,
    draft_of,
    labels,
    packed,
    presses,
    said,
)


def test_what_is_paid_for_asks_again_and_says_what_it_costs() -> None:
    at = draft_of(paid=True)
    asked = presses(at, "go:confirm")
    assert said(asked)[0].startswith("<b>To 8,204 people, now.</b> Takes about 1 minute.")
    (kept,) = asked.effects
    assert isinstance(kept, SaveDraft)
    token = kept.token
    (question,) = asked.replies
    assert isinstance(question, EditMessage)
    carried = [packed(button) for row in question.keyboard for button in row]
    assert f"send:{token}" not in str(carried), "nothing is sent before the cost was seen"
    turn = presses(replace(at, token=token), "cost")
    assert said(turn) == [
        "<b>This costs up to 821 Stars</b>, from the bot’s balance. Up to 1,000 messages go out"
        " per second; those above 30 per second cost 0.1 Star each."
    ]
    (reply,) = turn.replies
    assert isinstance(reply, EditMessage)
    assert labels(reply.keyboard) == ["Send for up to 821 Stars", "Not yet"]
    sends = presses(replace(at, token=token), f"send:{token}")
    assert sends.effects == (ConfirmBroadcast(HELLO.id, token, 8204, None, limits=ALLOWED),)


@pytest.mark.parametrize(("people", "parts", "cost"), [(3, 1, 1), (0, 1, 1), (100, 10, 110)])
def test_the_cost_counts_every_message_and_names_nobody(people: int, parts: int, cost: int) -> None:
    album = tuple(Part(Media.PHOTO, file_id=f"{n}", album="a") for n in range(parts))
    draft = replace(HELLO, versions={"en": album if parts > 1 else HELLO.version("en")})
    answer = presses(draft_of(draft, people=people, paid=True, token="t"), "cost")
    assert said(answer)[0].startswith(f"<b>This costs up to {cost} Star")


def test_what_is_in_doubt_is_sent_once_more_if_so_chosen() -> None:
    turn = presses(draft_of(), "again")
    (kept,) = turn.effects
    assert isinstance(kept, SaveDraft)
    assert kept.broadcast.again
    (page,) = turn.replies
    assert isinstance(page, EditMessage)
    assert "✓ If unsure: resend once" in labels(page.keyboard)
    again = presses(draft_of(kept.broadcast), "again")
    assert isinstance(again.effects[0], SaveDraft)
    assert not again.effects[0].broadcast.again


def test_two_who_send_at_once_are_told_of_each_other() -> None:
    at = draft_of(sending=1, token="t")
    asked = presses(at, "go:confirm")
    assert said(asked)[0].endswith(
        "Another update is going out right now. Yours starts when that one is done."
    )
    sent = presses(at, "send:t")
    answer = "Olga Petrova 剛剛也發出了一則消息，會在目前這則發完後開始。"
    _, other = sent.replies
    assert isinstance(other, OtherChat)
    (shown,) = other.replies
    assert isinstance(shown, Say)
    assert (other.chat, shown.text) == (PAUL[0], answer)
    later = replace(at, saved=WAITS)
    assert not any(isinstance(each, OtherChat) for each in presses(later, "send:t").replies)
