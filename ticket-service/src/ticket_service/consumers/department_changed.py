"""`department.created`, `.updated`, `.deleted`: keep a replica of each company's departments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from ticket_service.store import departments


@dataclass(frozen=True)
class DepartmentChanged:
    """The fields of `department.*` that this service uses."""

    company_id: int
    department_id: int
    name: str
    is_active: bool


def apply(session: Session, deliveries: Sequence[Delivery[DepartmentChanged]]) -> None:
    """Store the newest state of each department.

    The row keeps one revision for all three event types. A check per event type would let a late `created` restore a
    deleted department.
    """
    latest: dict[tuple[int, int], dict[str, Any]] = {}
    for delivery in sorted(deliveries, key=lambda delivery: delivery.envelope.revision):
        body = delivery.body
        latest[body.company_id, body.department_id] = {
            "company_id": body.company_id,
            "department_id": body.department_id,
            "name": body.name,
            "is_active": body.is_active and delivery.envelope.type != "department.deleted",
            "revision": delivery.envelope.revision,
        }
    # Sorted, so that two batches that share departments wait instead of deadlocking.
    departments.upsert(session, [latest[key] for key in sorted(latest)])
