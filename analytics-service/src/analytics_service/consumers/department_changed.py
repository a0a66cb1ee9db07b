"""`department.created`, `.updated` and `.deleted`: keep a replica of each company's departments."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from analytics_service.store import departments
from analytics_service.store.departments import DepartmentSnapshot

DELETED = "department.deleted"


@dataclass(frozen=True)
class DepartmentChanged:
    """The fields of `department.*` that this service uses; each event carries the whole department."""

    department_id: int
    name: str
    is_active: bool


def apply(session: Session, deliveries: Sequence[Delivery[DepartmentChanged]]) -> None:
    """Store the newest state of each department; the three event types share one series of revisions."""
    newest: dict[tuple[int, int], DepartmentSnapshot] = {}
    for delivery in deliveries:
        envelope, body = delivery.envelope, delivery.body
        snapshot = DepartmentSnapshot(
            company_id=envelope.company_id,
            department_id=body.department_id,
            name=body.name,
            is_active=body.is_active,
            deleted=envelope.type == DELETED,
            revision=envelope.revision,
        )
        key = (snapshot.company_id, snapshot.department_id)
        if key not in newest or newest[key].revision < snapshot.revision:
            newest[key] = snapshot
    departments.upsert(session, newest.values())
