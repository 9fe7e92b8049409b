"""How long mail has waited, as admins see it."""

from conversations.model.letters.delivery import DeliveryEvent
from storage import queue
from storage.mail.delivery import sending
from tests.storage.people import MARIA, after, sends
from tests.storage.post import Post


async def test_a_deferred_mail_keeps_its_age(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=30))
    (claimed,) = await post.claim(after(seconds=31))
    await post.finish(claimed, DeliveryEvent.PUT_OFF, after(seconds=32), after(hours=2))
    lane = await post.database.read(lambda c: queue.lane(c, "river", after(hours=1)))
    assert (lane.waiting, lane.due) == (1, after(seconds=30))
    # It is not tried before.
    assert await post.database.read(sending.next_due) == after(hours=2)
