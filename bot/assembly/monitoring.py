"""Build the services that watch the bot and report to admins."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.assembly.foundation import Foundation
from bot.charts import drawing_process
from bot.services.monitoring.alert_mail import AlertMailer
from bot.services.monitoring.alert_sender import AlertSender
from bot.services.monitoring.anomaly_watch import AnomalyWatch
from bot.services.monitoring.digests import DigestSender
from bot.services.monitoring.full_database import FullDatabaseAlert
from bot.services.monitoring.reports import Reports
from bot.services.monitoring.watchdog import Machine, Watchdog
from bot.telegram.clock import seconds_off
from bot.telegram.updates.webhook_watch import WEBHOOK, WebhookWatch
from bot.web.health import Health

if TYPE_CHECKING:
    from bot.services.monitoring.heartbeat import Heartbeat


@dataclass(frozen=True)
class MonitoringServices:
    """The services that watch the bot and report to admins."""

    alert_sender: AlertSender
    alert_mailer: AlertMailer
    watchdog: Watchdog
    anomaly_watch: AnomalyWatch
    digest_sender: DigestSender
    webhook_watch: WebhookWatch | None
    """None where the bot polls."""


def build_reports(base: Foundation) -> Reports:
    """Build what makes charts and tables of figures."""
    tell_few = base.settings.figures.small_countries
    return Reports(base.core, drawing_process.draw, show_few=tell_few)


def build_monitoring(base: Foundation, reports: Reports) -> MonitoringServices:
    """Build the services."""
    core, roster, messages = base.core, base.roster, base.telegram.messages
    alert_sender = AlertSender(core, messages, roster)
    alert_mailer = AlertMailer(core, base.mail.transport, base.settings.mail.alerts)
    machine = Machine(
        mistakes=lambda: base.campaigns.mistakes,
        unserved=lambda: base.campaigns.unserved,
        clock_error=partial(seconds_off, base.settings.telegram.api, core.clock),
        limited_for=base.telegram.pacer.limited_for,
        forged=lambda: base.authority_watch.forged,
        database_file=base.settings.database.file,
    )
    full_database = FullDatabaseAlert(core, messages, alert_mailer, roster)
    return MonitoringServices(
        alert_sender,
        alert_mailer,
        Watchdog(core, machine, full_database),
        AnomalyWatch(core),
        DigestSender(core, messages, reports, roster),
        build_webhook_watch(base),
    )


def build_webhook_watch(base: Foundation) -> WebhookWatch | None:
    """Build what watches the webhook; None where the bot polls."""
    telegram = base.settings.telegram
    if telegram.webhook_url is None or telegram.webhook_secret is None:
        return None
    url, secret = f"{telegram.webhook_url}{WEBHOOK}", telegram.webhook_secret.get_secret_value()
    return WebhookWatch(base.telegram.request.bot, url, secret, base.core.clock)


def build_heartbeat(
    base: Foundation, health: Health, webhook_watch: WebhookWatch | None
) -> "Heartbeat | None":
    """Build the heartbeat; None where the settings name no URL.

    Where `webhook_watch` is given, Telegram must also be able to deliver updates.
    """
    heartbeat_url = base.settings.web.heartbeat_url
    if heartbeat_url is None:
        return None
    # Imported here: it needs aiohttp, which takes 9 MB.
    from bot.services.monitoring.heartbeat import Heartbeat

    checks = [health.problem]
    if webhook_watch is not None:
        checks.append(webhook_watch.delivery_problem)
    return Heartbeat(heartbeat_url.get_secret_value(), *checks)
