"""Handlers of effects that change figures and digests."""

from conversations.core.effects.stats import CountStage, ExportFigures, SaveDigest
from storage.stats import digests, tallies
from storage.transaction import EffectHandlers, Transaction

HANDLERS = EffectHandlers()


@HANDLERS.handles(CountStage)
def _count_stage(effect: CountStage, transaction: Transaction) -> None:
    transaction.count(tallies.count_stage(effect, transaction.now))


@HANDLERS.handles(SaveDigest)
def _save_digest(effect: SaveDigest, transaction: Transaction) -> None:
    digests.save(transaction.connection, transaction.person.staff, effect.every, effect.since)


@HANDLERS.handles(ExportFigures)
def _export_figures(effect: ExportFigures, transaction: Transaction) -> None:
    """Change nothing: the audit log records the export."""
