"""A company's departments change, and with them what a ticket may be filed under."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service.store import departments
from ai_service.store.departments import Told


@dataclass(frozen=True)
class Changed:
    """What this service needs of `department.created`, `.updated` and `.deleted`."""

    department_id: int
    name: str
    description: str
    is_active: bool


def apply(session: Session, deliveries: Sequence[Delivery[Changed]]) -> None:
    """Keep the newest state of each department; a deleted one stays known, as inactive."""
    departments.save(
        session,
        [
            Told(
                company_id=delivery.envelope.company_id,
                department_id=delivery.body.department_id,
                name=delivery.body.name,
                description=delivery.body.description,
                is_active=delivery.body.is_active and delivery.envelope.type != "department.deleted",
                revision=delivery.envelope.revision,
            )
            for delivery in deliveries
        ],
    )


HANDLER = Handler(Changed, apply)
