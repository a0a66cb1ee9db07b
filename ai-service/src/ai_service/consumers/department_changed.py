"""`department.*`: replicate a company's departments."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.consumer import Consumer
from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from ai_service.store import departments
from ai_service.store.departments import DepartmentSnapshot


@dataclass(frozen=True)
class Changed:
    """The fields of `department.created`, `.updated` and `.deleted` that this service uses."""

    department_id: int
    name: str
    description: str
    is_active: bool


def apply(session: Session, deliveries: Sequence[Delivery[Changed]], _deps: object) -> None:
    """Store the newest state of each department; a deleted one stays, as inactive."""
    departments.upsert(
        session,
        [
            DepartmentSnapshot(
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


CONSUMER = Consumer(
    ("department.created", "department.updated", "department.deleted"),
    view=Changed,
    apply=apply,
    queue="know-departments",
)
