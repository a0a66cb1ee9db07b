"""`training.export.outdated`: remove a company's export, for an exported ticket was deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ai_service.dependencies import Dependencies


@dataclass(frozen=True)
class Outdated:
    """No field of `training.export.outdated` is used: its envelope names the company."""


def prepare(delivery: Delivery[Outdated], deps: Dependencies) -> None:
    """Remove the export. A folder that can't be written to causes retries, then a dead letter."""
    deps.exports.remove(delivery.envelope.company_id)


def apply(_session: Session, _deliveries: Sequence[Delivery[Outdated]], _deps: object) -> None:
    """Change nothing: `prepare` did the work, outside the database."""


CONSUMER = Consumer("training.export.outdated", view=Outdated, apply=apply, queue="remove-exports", prepare=prepare)
