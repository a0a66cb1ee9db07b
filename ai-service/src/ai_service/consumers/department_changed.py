"""`department.*`: a replica of each company's departments; a deleted one stays, or seeded ones would be assumed."""

from dataclasses import dataclass

from eventbus.replica import replica_consumer


@dataclass(frozen=True)
class Changed:
    """The fields of `department.created`, `.updated` and `.deleted` that this service uses."""

    department_id: int
    name: str
    description: str
    is_active: bool


CONSUMER = replica_consumer(
    "departments",
    view=Changed,
    event_types=("department.created", "department.updated", "department.deleted"),
    queue="know-departments",
    key="department_id",
)
