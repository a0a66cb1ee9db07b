"""A company has a department, has changed it, or has it no more."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from analytics_service.store import departments
from analytics_service.store.departments import Announced

DELETED = "department.deleted"


@dataclass(frozen=True)
class DepartmentChanged:
    """What this service needs of `department.*`; all three carry the whole department."""

    department_id: int
    name: str
    is_active: bool


def apply(session: Session, deliveries: Sequence[Delivery[DepartmentChanged]]) -> None:
    """Remember departments as they were announced last; the revision is one for all three kinds."""
    newest: dict[tuple[int, int], Announced] = {}
    for delivery in deliveries:
        envelope, body = delivery.envelope, delivery.body
        announced = Announced(
            company_id=envelope.company_id,
            department_id=body.department_id,
            name=body.name,
            is_active=body.is_active,
            deleted=envelope.type == DELETED,
            revision=envelope.revision,
        )
        key = (announced.company_id, announced.department_id)
        if key not in newest or newest[key].revision < announced.revision:
            newest[key] = announced
    departments.remember(session, newest.values())
