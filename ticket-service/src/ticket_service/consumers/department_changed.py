"""`department.created`, `.updated`, `.deleted`: keep a replica of each company's departments."""

from dataclasses import dataclass

from eventbus.replica import replica_consumer


@dataclass(frozen=True)
class DepartmentChanged:
    """The fields of `department.*` that this service uses."""

    department_id: int
    name: str
    is_active: bool


CONSUMER = replica_consumer(
    "departments",
    view=DepartmentChanged,
    event_types=("department.created", "department.updated", "department.deleted"),
    queue="know-departments",
    key="department_id",
)
