"""Handlers of effects that publish versions of campaigns."""

from conversations.core.effects.admin import RestoreVersion
from conversations.model.versions import VersionInfo, VersionOrigin
from storage.campaigns import versions
from storage.campaigns.versions import NewVersion
from storage.transaction import EffectHandlers, Transaction, require

HANDLERS = EffectHandlers()


@HANDLERS.handles(RestoreVersion)
def _restore_version(effect: RestoreVersion, transaction: Transaction) -> None:
    connection, vault = transaction.connection, transaction.vault
    version = versions.load(connection, vault, effect.campaign, effect.number)
    require(version is not None)
    if version is not None:
        new = NewVersion(version.files, effect.newest, VersionOrigin.RESTORED, effect.name)
        done = versions.publish(connection, vault, new, transaction.now)
        require(isinstance(done, VersionInfo))
