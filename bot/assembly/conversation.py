"""Build the services that answer updates."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from bot.assembly.broadcasts import BroadcastServices
from bot.assembly.foundation import Foundation
from bot.assembly.mail import MailServices
from bot.services.conversation.bounce_notices import BounceNotices
from bot.services.conversation.draft_editing import Albums, Rules
from bot.services.conversation.reply_sender import ReplySender
from bot.services.conversation.staff_handler import Staff
from bot.services.conversation.update_handler import UpdateHandler
from bot.services.monitoring.reports import Reports
from bot.settings.addresses import is_reserved
from conversations.core.effects.base import Worker


@dataclass(frozen=True)
class ConversationServices:
    """The services that answer updates and send replies."""

    update_handler: UpdateHandler
    reply_sender: ReplySender
    albums: Albums
    bounce_notices: BounceNotices


def build_staff(base: Foundation) -> Staff:
    """Build what answers people with a role."""
    telegram = base.settings.telegram

    def has_reserved_target(slug: str) -> bool:
        targets = base.campaigns.in_service[slug].targets
        return base.options.real and any(is_reserved(target.address) for target in targets)

    return Staff(
        base.core.vault,
        base.roster,
        base.telegram.pacer.state,
        has_reserved_target,
        base.mail.envelopes.letter,
        Rules(telegram.second_eyes_above, telegram.paid_broadcast),
    )


def build_reply_sender(
    base: Foundation, reports: Reports, staff: Staff, stack: AsyncExitStack
) -> ReplySender:
    """Build what sends replies. The stack waits for the last ones."""
    core = base.core
    messages = base.telegram.messages
    reply_sender = ReplySender(
        core.database, core.vault, core.deployment, messages, core.clock, reports, staff
    )
    stack.push_async_callback(reply_sender.part)
    return reply_sender


def build_conversation(
    base: Foundation,
    staff: Staff,
    reply_sender: ReplySender,
    mail: MailServices,
    broadcasts: BroadcastServices,
) -> ConversationServices:
    """Build what answers updates."""
    core = base.core
    update_handler = UpdateHandler(
        core.database,
        core.vault,
        core.deployment,
        base.mail.domains,
        reply_sender,
        core.clock,
        {Worker.MAIL: mail.worker.wake, Worker.BROADCAST: broadcasts.sender.wake},
        staff,
    )
    return ConversationServices(
        update_handler,
        reply_sender,
        Albums(core.database, core.vault, update_handler, core.clock),
        BounceNotices(core.database, core.vault, update_handler),
    )
