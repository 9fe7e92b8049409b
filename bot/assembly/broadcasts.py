"""Build the services that send broadcasts."""

from dataclasses import dataclass

from bot.assembly.foundation import Foundation
from bot.services.broadcasts.broadcast_progress import BroadcastProgress
from bot.services.broadcasts.broadcast_sender import BroadcastSender
from bot.telegram.broadcast_transport import BroadcastTransport


@dataclass(frozen=True)
class BroadcastServices:
    """The services that send broadcasts and show their progress."""

    sender: BroadcastSender
    progress: BroadcastProgress


def build_broadcasts(base: Foundation) -> BroadcastServices:
    """Build the services."""
    client, core = base.telegram, base.core
    transport = BroadcastTransport(
        client.request,
        client.pacer,
        core.deployment,
        paid=base.settings.telegram.paid_broadcast,
    )
    return BroadcastServices(
        BroadcastSender(core, transport, lease=base.options.lease, grace=base.options.grace),
        BroadcastProgress(core, client.messages, base.roster),
    )
