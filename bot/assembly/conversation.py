"""Build the services that answer updates."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from bot.assembly.foundation import Foundation
from bot.services.conversation.albums import Albums
from bot.services.conversation.bounce_notices import BounceNotices
from bot.services.conversation.chat_clearing import ChatClearing
from bot.services.conversation.facts.fact_loader import FactLoader
from bot.services.conversation.facts.fact_sources import FactSources
from bot.services.conversation.replies.reply_sender import ReplySender
from bot.services.conversation.scheduled_messages import ScheduledMessages
from bot.services.conversation.update_handler import UpdateHandler
from bot.services.monitoring.reports import Reports
from bot.settings.addresses import is_reserved
from storage.mail.proof.code_limits import CodeLimits


@dataclass(frozen=True)
class ConversationServices:
    """The services that answer updates and send replies."""

    update_handler: UpdateHandler
    reply_sender: ReplySender
    albums: Albums
    bounce_notices: BounceNotices
    chat_clearing: ChatClearing
    scheduled_messages: ScheduledMessages


def build_fact_loader(base: Foundation) -> FactLoader:
    """Build what loads the facts that handlers ask for."""

    def has_reserved_target(slug: str) -> bool:
        targets = base.campaigns.in_service[slug].targets
        return base.options.real and any(is_reserved(target.address) for target in targets)

    sources = FactSources(
        base.core.vault,
        base.roster,
        base.telegram.pacer.state,
        has_reserved_target,
        base.mail.envelopes.letter,
        CodeLimits(base.settings.mail.codes_per_domain, base.settings.mail.codes_per_hour),
    )

    download = base.telegram.request.download
    return FactLoader(base.core, sources, base.mail.domains, download, base.campaigns)


def build_reply_sender(
    base: Foundation, reports: Reports, facts: FactLoader, stack: AsyncExitStack
) -> ReplySender:
    """Build what sends replies. The stack waits for the last ones."""
    reply_sender = ReplySender(
        base.core, base.telegram.messages, reports, facts, grace=base.options.grace
    )
    stack.push_async_callback(reply_sender.finish)
    return reply_sender


def build_conversation(
    base: Foundation,
    facts: FactLoader,
    reply_sender: ReplySender,
) -> ConversationServices:
    """Build what answers updates."""
    core = base.core
    update_handler = UpdateHandler(core, facts, reply_sender)
    return ConversationServices(
        update_handler,
        reply_sender,
        Albums(core, update_handler),
        BounceNotices(core, update_handler),
        ChatClearing(core, base.telegram.messages),
        ScheduledMessages(core, base.telegram.messages),
    )
