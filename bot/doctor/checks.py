"""All looks, taken at once: each has its own time, and none that fails hides another."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from bot.doctor import (
    authentication,
    database,
    files,
    mailbox,
    return_path,
    server,
    telegram,
)
from bot.doctor.configuration import find_mistakes
from bot.doctor.finding import (
    CheckContext,
    Finding,
    Status,
    timed_out,
)
from bot.settings.model import Settings
from bot.settings.setting_origins import read_source

Look = Callable[[], Awaitable[tuple[Finding, ...]]]

_SETTINGS = "settings and campaigns"


async def run_checks(
    environment: Mapping[str, str],
    tools: CheckContext,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[Finding, ...]:
    """Return all that is found; `progress` hears how many looks of how many are done."""
    settings, _ = Settings.read(read_source(environment))
    looks: dict[str, Look] = {_SETTINGS: partial(mistakes, environment, tools.timeout / 2)}
    if settings is not None:
        looks |= _looks(settings, tools)
    done = 0

    async def counted(what: str, look: Look) -> tuple[Finding, ...]:
        nonlocal done
        found = await _in_time(what, look, tools.timeout)
        done += 1
        progress(done, len(looks))
        return found

    progress(0, len(looks))
    found = await asyncio.gather(*(counted(what, look) for what, look in looks.items()))
    return tuple(finding for findings in found for finding in findings)


def _looks(settings: Settings, tools: CheckContext) -> dict[str, Look]:
    """Return the looks by what they are for, in the order in which their findings are told."""
    mail, url = settings.mail, settings.smtp.url.get_secret_value()
    looks: dict[str, Look] = {
        "token": partial(telegram.token, settings.telegram),
        "webhook": partial(telegram.webhook, settings.telegram, tools),
        "clock": partial(telegram.clock, settings.telegram, tools),
        "database": partial(database.database, settings),
        "key file": partial(files.key_files, settings),
        "mail server": partial(server.mail_server, url, tools),
        "SPF": partial(authentication.spf, settings, tools),
    }
    for domain in mail.domains:
        looks[f"DKIM of {domain}"] = partial(authentication.dkim, mail, domain, tools)
    for domain in mail.domains:
        looks[f"DMARC of {domain}"] = partial(authentication.dmarc, mail, domain, tools)
    for domain in mail.domains[: 2 - (mail.domain == mail.domains[-1])]:
        looks[f"MX of {domain}"] = partial(return_path.mx, mail, domain, tools)
    for domain in sorted({each.rpartition("@")[2] for each in mail.alerts} - {*mail.domains}):
        looks[f"MX of {domain}"] = partial(return_path.alert_domain, url, domain, tools)
    if mail.imap is not None:
        looks["mailbox"] = partial(mailbox.mailbox, mail.imap.get_secret_value(), tools)
    return looks | {"reverse name": partial(return_path.reverse_name, url, tools)}


async def _in_time(what: str, look: Look, patience: float) -> tuple[Finding, ...]:
    try:
        async with asyncio.timeout(patience):
            return await look()
    except TimeoutError:
        return (timed_out(what, patience),)
    except Exception as error:
        # Only the kind: the words of an error may hold anything.
        seen = f"This could not be looked at ({type(error).__name__})."
        return (Finding(what, Status.BAD, seen, fix="Please report it: it should not happen."),)


async def mistakes(environment: Mapping[str, str], patience: float) -> tuple[Finding, ...]:
    """Return what `check` says."""
    told = await find_mistakes(environment, patience)
    if not told:
        return (Finding(_SETTINGS, Status.GOOD, "No mistake was found."),)
    return tuple(
        Finding(
            _SETTINGS,
            Status.BAD if each.is_error else Status.WARNING,
            each.problem,
            fix=each.fix,
            about=each.where,
        )
        for each in told
    )
