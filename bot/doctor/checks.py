"""Run all checks of `actionbot doctor` at once; no check that fails hides another."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from bot.doctor import (
    authentication,
    authority,
    database,
    files,
    mailbox,
    return_path,
    server,
    telegram,
)
from bot.doctor.configuration import find_mistakes
from bot.doctor.finding import CheckContext, Finding, Status, timed_out
from bot.settings.addresses import domain_of
from bot.settings.model import Settings
from bot.settings.setting_origins import read_source

Check = Callable[[], Awaitable[tuple[Finding, ...]]]

_CONFIGURATION = "settings and campaigns"


async def run_checks(
    environment: Mapping[str, str],
    context: CheckContext,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Finding, ...]:
    """Return the findings of all checks, in the order of the checks.

    `progress` is called with the number of finished checks and of all checks.
    """
    settings, _ = Settings.read(read_source(environment))
    checks: dict[str, Check] = {
        _CONFIGURATION: partial(check_configuration, environment, context.timeout)
    }
    if settings is not None:
        checks |= _checks(settings, context)
    done = 0

    async def counted(subject: str, check: Check) -> tuple[Finding, ...]:
        nonlocal done
        # Files are read for as long as it takes: only the question to the database has a timeout.
        timeout = None if subject == _CONFIGURATION else context.timeout
        found = await _run_check(subject, check, timeout)
        done += 1
        progress(done, len(checks))
        return found

    progress(0, len(checks))
    found = await asyncio.gather(*(counted(subject, check) for subject, check in checks.items()))
    return tuple(finding for findings in found for finding in findings)


def _checks(settings: Settings, context: CheckContext) -> dict[str, Check]:
    """Return the checks by subject, in the order in which their findings are shown."""
    mail, smtp_url = settings.mail, settings.smtp.url.get_secret_value()
    checks: dict[str, Check] = {
        "token": partial(telegram.token, settings.telegram),
        "webhook": partial(telegram.webhook, settings.telegram, context),
        "clock": partial(telegram.clock, settings.telegram, context),
        "picture": partial(telegram.picture, settings.telegram),
        "database": partial(database.database, settings),
        "roles and modes": partial(authority.authority_documents, settings),
        "key file": partial(files.key_files, settings),
        "mail server": partial(server.mail_server, smtp_url, context),
        "DNS": partial(authentication.resolver, context),
        "SPF": partial(authentication.spf, settings, context),
    }
    for domain in mail.domains:
        checks[f"DKIM of {domain}"] = partial(authentication.dkim, mail, domain, context)
    for domain in mail.domains:
        checks[f"DMARC of {domain}"] = partial(authentication.dmarc, mail, domain, context)
    for domain in mail.domains[:2]:
        checks[f"MX of {domain}"] = partial(return_path.mx, mail, domain, context)
    for domain in sorted({domain_of(each) for each in mail.alerts} - {*mail.domains}):
        checks[f"MX of {domain}"] = partial(return_path.alert_domain, smtp_url, domain, context)
    if mail.imap is not None:
        checks["mailbox"] = partial(mailbox.mailbox, mail.imap.get_secret_value(), context)
    return checks | {"reverse name": partial(return_path.reverse_name, smtp_url, context)}


async def _run_check(subject: str, check: Check, seconds: float | None) -> tuple[Finding, ...]:
    """Run one check; an unexpected error becomes a finding, too."""
    try:
        return await (check() if seconds is None else with_timeout(subject, check, seconds))
    except Exception as error:
        # Only the error's class: its text may contain anything.
        observed = f"This check failed unexpectedly ({type(error).__name__})."
        return (Finding(subject, Status.BAD, observed, fix="Please report it: it is a bug."),)


async def with_timeout(subject: str, check: Check, seconds: float) -> tuple[Finding, ...]:
    """Run one check; if it takes longer than `seconds`, return a timeout as its finding."""
    try:
        async with asyncio.timeout(seconds):
            return await check()
    except TimeoutError:
        return (timed_out(subject, seconds),)


async def check_configuration(
    environment: Mapping[str, str], database_timeout: float
) -> tuple[Finding, ...]:
    """Return each mistake in settings and campaigns as a finding, and all remarks as one.

    A new campaign has a dozen remarks about its texts, which would hide the other findings.
    """
    found = await find_mistakes(environment, database_timeout)
    findings = [
        Finding(_CONFIGURATION, Status.BAD, each.problem, fix=each.fix, about=each.where)
        for each in found
        if each.is_error
    ]
    if remarks := len(found) - len(findings):
        observed = f"Remarks: {remarks}."
        fix = "Read them: actionbot check"
        findings.append(Finding(_CONFIGURATION, Status.WARNING, observed, fix=fix))
    return tuple(findings) or (Finding(_CONFIGURATION, Status.GOOD, "No mistakes found."),)
