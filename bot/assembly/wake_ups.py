"""Connect the services with the transactions that make work for them, in any process."""

from bot.assembly.broadcasts import BroadcastServices
from bot.assembly.conversation import ConversationServices
from bot.assembly.foundation import Foundation
from bot.assembly.mail import MailServices
from bot.assembly.monitoring import MonitoringServices
from storage.engine.wake_ups import Worker


def connect_wake_ups(
    base: Foundation,
    conversation: ConversationServices,
    mail: MailServices,
    broadcasts: BroadcastServices,
    monitoring: MonitoringServices,
) -> None:
    """Let each transaction wake the services that it makes work for."""
    wake = {
        Worker.MAIL: mail.worker.wake,
        Worker.REPLIES: conversation.reply_sender.wake,
        Worker.BOUNCES: conversation.bounce_notices.wake,
        Worker.ALERTS: monitoring.alert_sender.wake,
        Worker.BROADCAST: broadcasts.sender.wake,
        Worker.CAMPAIGNS: base.campaigns.wake,
        Worker.AUTHORITY: base.authority_watch.wake,
    }
    for worker in Worker:
        base.core.database.wake_ups.listen(worker, wake[worker])
