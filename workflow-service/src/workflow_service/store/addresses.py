"""The addresses of people as the replica of users has them, and their change wherever an address stands for a person.

Teams, presence, turns and tasks know people by address. An address changes in one transaction that has locked the
company's turns first (`people.mark_changed`), so that nobody is taken for a person who left.
"""

# ruff: noqa: S608 - only SQL that stands in this file is put together here.

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_service.domain.task import Task
from workflow_service.store.tasks import COLUMNS, task_of

PersonKey = tuple[int, int]
"""Company and user."""

_OF = text("""
    select u.company_id, u.user_id, lower(u.email) as email from users u
    join unnest(cast(:companies as int[]), cast(:users as bigint[])) as w (company_id, id)
        on u.company_id = w.company_id and u.user_id = w.id
    where u.email <> ''
""")
# Rows of the new address are of a person who had it before.
_MOVE_PRESENCE = (
    text("""
        delete from presence where company_id = :company and email = :new
            and exists (select from presence where company_id = :company and email = :old)
    """),
    text("update presence set email = :new where company_id = :company and email = :old"),
)
_MOVE_TURNS = (
    text("""
        delete from turns_of_people t where company_id = :company and email = :new and exists (
            select from turns_of_people o where o.company_id = :company and o.email = :old and o.pool = t.pool)
    """),
    text("update turns_of_people set email = :new where company_id = :company and email = :old"),
)
_MOVE_MEMBERS = text("""
    update teams set members = (
        select jsonb_agg(
            case when member ->> 'email' = :old and coalesce((member ->> 'user_id')::bigint, :user) = :user
                then member || jsonb_build_object('email', cast(:new as text)) else member end order by number)
        from jsonb_array_elements(members) with ordinality as m (member, number)
    )
    where company_id = :company
        and members @> jsonb_build_array(jsonb_build_object('email', cast(:old as text)))
""")
# A copy of the newest choice of each task that says who was chosen under the new address.
_COPY_CHOICES = text("""
    insert into assignments (company_id, task_id, assigned_user, method, pool, candidates)
    select company_id, task_id, :new, method, pool,
        replace(candidates::text, to_jsonb(cast(:old as text))::text, to_jsonb(cast(:new as text))::text)::jsonb
    from (
        select distinct on (task_id) * from assignments where company_id = :company and task_id = any(:tasks)
        order by task_id, id desc
    ) as newest
    where assigned_user = :old
""")


@dataclass(frozen=True)
class NewAddress:
    """A person's change of address, both in lower case."""

    company_id: int
    user_id: int
    old: str
    new: str


def of(session: Session, keys: Collection[PersonKey]) -> dict[PersonKey, str]:
    """Return the addresses of people in lower case, of those who are known and have one."""
    ordered = sorted(keys)
    values = {"companies": [key[0] for key in ordered], "users": [key[1] for key in ordered]}
    return {(row.company_id, row.user_id): row.email for row in session.execute(_OF, values)}


def move(session: Session, change: NewAddress) -> None:
    """Give a person's presence, turns and memberships of teams the new address."""
    for statement in (*_MOVE_PRESENCE, *_MOVE_TURNS, _MOVE_MEMBERS):
        session.execute(
            statement,
            {"company": change.company_id, "user": change.user_id, "old": change.old, "new": change.new},
        )


def lock_tasks(session: Session, change: NewAddress, *, after: int, limit: int) -> list[Task]:
    """Lock up to `limit` tasks of the old address beyond the task `after`, and return them by id.

    Index: tasks_of_person.
    """
    query = text(
        f"select {COLUMNS} from tasks where company_id = :company and assigned_user = :old and id > :after"
        " order by id limit :limit for update"
    )
    values = {"company": change.company_id, "old": change.old, "after": after, "limit": limit}
    return [task_of(row) for row in session.execute(query, values)]


def copy_choices(session: Session, change: NewAddress, tasks: Collection[int]) -> None:
    """Note under the new address why tasks have their assignee, where the old address was chosen."""
    values = {"company": change.company_id, "old": change.old, "new": change.new, "tasks": sorted(tasks)}
    session.execute(_COPY_CHOICES, values)
