"""`department.created`, `.updated`, `.deleted`: know which departments a company has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from ticket_service.store import departments


@dataclass(frozen=True)
class DepartmentChanged:
    """What this service needs of a `department.*` event."""

    company_id: int
    department_id: int
    name: str
    is_active: bool


def apply(session: Session, deliveries: Sequence[Delivery[DepartmentChanged]]) -> None:
    """Remember the latest announcement of each department.

    The guard keeps revisions per event type, so a late `created` would bring a deleted department back; the row keeps
    one revision for all three types instead.
    """
    latest: dict[tuple[int, int], dict[str, Any]] = {}
    for delivery in sorted(deliveries, key=lambda each: each.envelope.revision):
        body = delivery.body
        latest[body.company_id, body.department_id] = {
            "company_id": body.company_id,
            "department_id": body.department_id,
            "name": body.name,
            "is_active": body.is_active and delivery.envelope.type != "department.deleted",
            "revision": delivery.envelope.revision,
        }
    # In one order, so that two batches that share departments wait instead of deadlocking.
    departments.remember(session, [latest[key] for key in sorted(latest)])
