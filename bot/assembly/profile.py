"""Shows the bot's menus, descriptions and picture in Telegram, when they have changed."""

import asyncio
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.assembly.foundation import Foundation
from bot.logs import error_fields
from bot.telegram import menus
from bot.telegram.menus import BotProfile

log = structlog.get_logger()

_TRADITIONAL = "zh-Hant"


async def show_profile(base: Foundation) -> None:
    """Set what Telegram shows of the bot, unless the last start has set the same.

    A digest of it stands in the team's document. People who have lost a role lose their menu.
    """
    core, roster = base.core, base.roster
    deployment = core.deployment()
    traditional = any(_TRADITIONAL in each.languages for each in deployment.campaigns.values())
    try:
        picture = await asyncio.to_thread(_picture, base)
        roles = await core.database.transact(roster.menus)
        profile = BotProfile(roles, traditional, picture)
        digest = await asyncio.to_thread(profile.digest, deployment.username)
        if None not in roles.values() and await core.database.read(roster.profile) == digest:
            return
        shown = await menus.introduce(base.telegram.request.bot, profile)
        record = partial(
            roster.record_profile, gone=shown.gone, digest=digest if shown.complete else ""
        )
        await core.database.transact(record)
    except (SQLAlchemyError, OSError) as error:
        log.warning("menus not set until the next start", **error_fields(error))


def _picture(base: Foundation) -> bytes | None:
    file = base.settings.telegram.picture
    return None if file is None else file.read_bytes()
