"""Build the services that watch the bot and report to admins."""

from dataclasses import dataclass
from functools import partial

from telegram.error import TelegramError

from bot.assembly.foundation import Foundation
from bot.charts import drawing_process
from bot.services.monitoring.alert_mail import AlertMailer
from bot.services.monitoring.alert_sender import AlertSender
from bot.services.monitoring.anomaly_watch import AnomalyWatch
from bot.services.monitoring.digests import DigestSender
from bot.services.monitoring.full_database import FullDatabaseAlert
from bot.services.monitoring.heartbeat import Heartbeat
from bot.services.monitoring.reports import Reports
from bot.services.monitoring.watchdog import Machine, Watchdog
from bot.telegram.clock import seconds_off
from bot.telegram.updates import webhook
from bot.web.health import Health
from bot.web.http_server import WEBHOOK


@dataclass(frozen=True)
class MonitoringServices:
    """The services that watch the bot and report to admins."""

    alert_sender: AlertSender
    alert_mailer: AlertMailer
    watchdog: Watchdog
    anomaly_watch: AnomalyWatch
    digest_sender: DigestSender


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
        clock_error=partial(seconds_off, base.settings.telegram.api, core.clock),
        limited_for=base.telegram.pacer.limited_for,
        database_file=base.settings.database.file,
    )
    full_database = FullDatabaseAlert(core, messages, alert_mailer, roster)
    return MonitoringServices(
        alert_sender,
        alert_mailer,
        Watchdog(core, machine, full_database, alert_sender.wake),
        AnomalyWatch(core),
        DigestSender(core, messages, reports, roster),
    )


def build_heartbeat(base: Foundation, health: Health, *, answer: bool) -> Heartbeat | None:
    """Build the heartbeat; None where the settings name no URL.

    A process that answers updates also checks that Telegram can deliver them to the webhook.
    """
    settings = base.settings
    if settings.web.heartbeat_url is None:
        return None
    checks = [health.problem]
    if answer and settings.telegram.webhook_url is not None:
        checks.append(partial(webhook_problem, base, f"{settings.telegram.webhook_url}{WEBHOOK}"))
    return Heartbeat(settings.web.heartbeat_url.get_secret_value(), *checks)


async def webhook_problem(base: Foundation, url: str) -> str | None:
    """Return why Telegram cannot deliver updates to `url`, or None if it can."""
    try:
        return await webhook.delivery_problem(base.telegram.request.bot, url, base.core.clock())
    except TelegramError as error:
        return f"Telegram does not answer ({type(error).__name__})"
