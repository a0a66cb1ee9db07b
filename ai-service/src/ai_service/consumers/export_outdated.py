"""A ticket that was exported is deleted: the export goes too, and the next training makes another."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service.adapters.export.files import ExportFiles


@dataclass(frozen=True)
class Outdated:
    """What this service needs of `training.export.outdated`: its envelope names the company."""


def handler(files: ExportFiles) -> Handler[Outdated]:
    """Return the handler; a folder that can't be written to is tried again, then a dead letter says so."""

    def prepare(delivery: Delivery[Outdated]) -> None:
        files.remove(delivery.envelope.company_id)

    def apply(_session: Session, _deliveries: Sequence[Delivery[Outdated]]) -> None:
        """Change nothing: what was to be done lies outside the database."""

    return Handler(Outdated, apply, prepare)
