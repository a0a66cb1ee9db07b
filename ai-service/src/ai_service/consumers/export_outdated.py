"""`training.export.outdated`: remove a company's export, for an exported ticket was deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service.adapters.export.files import ExportFiles


@dataclass(frozen=True)
class Outdated:
    """No field of `training.export.outdated` is used: its envelope names the company."""


def handler(files: ExportFiles) -> Handler[Outdated]:
    """Return the handler. A folder that can't be written to causes retries, then a dead letter."""

    def prepare(delivery: Delivery[Outdated]) -> None:
        files.remove(delivery.envelope.company_id)

    def apply(_session: Session, _deliveries: Sequence[Delivery[Outdated]]) -> None:
        """Change nothing: `prepare` did the work, outside the database."""

    return Handler(Outdated, apply, prepare)
