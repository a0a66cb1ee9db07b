"""Tasks that nobody works on, and the companies that have some."""

# ruff: noqa: S608 - only SQL that stands in this file is put together here.

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_service.domain.task import Task
from workflow_service.store.tasks import ADDRESS_CHANGED, COLUMNS, task_of

# `domain/presence.py` says the same: after its end a presence means the opposite.
_ABSENT = "available = (until is not null and until <= now())"
# A pending task `t` of an absent person is offered, unless somebody transferred it: a person decided who gets it.
# Index: the primary key of task_events.
_MAY_BE_TAKEN = f"""
    t.status = 'pending' and coalesce((
        select e.action <> 'transfer' from task_events e
        where e.company_id = t.company_id and e.task_id = t.id and e.from_user is distinct from e.to_user
            and e.action <> '{ADDRESS_CHANGED}'
        order by e.id desc limit 1
    ), true)
"""
# Index: tasks_waiting, tasks_open_of_person.
_COMPANIES = text(f"""
    select distinct company_id from tasks where status in ('pending', 'in_progress') and assigned_user is null
    union
    select p.company_id from presence p where {_ABSENT} and exists (
        select from tasks t where t.company_id = p.company_id and t.assigned_user = p.email and {_MAY_BE_TAKEN})
    union
    select company_id from turns where people_changed
    order by 1
""")
# Who has open tasks and is neither a member of an active team nor an active agent, manager or admin has left. So has an
# agent without a team whom a team's pool gave the task; one who got it by a transfer keeps it.
_LOCK = text(f"""
    with assignees as materialized (
        select distinct assigned_user as email from tasks
        where company_id = :company and status in ('pending', 'in_progress') and assigned_user is not null
    ), absent as materialized (
        select email from presence where company_id = :company and {_ABSENT}
    ), members as materialized (
        select member ->> 'email' as email from teams, jsonb_array_elements(members) as member
        where company_id = :company and is_active and not gone
    ), staff as materialized (
        select lower(email) as email, role from users
        where company_id = :company and is_active and role in ('agent', 'manager', 'admin')
    ), left_people as materialized (
        select email from assignees where email not in (
            select email from members where email is not null union select email from staff
        )
        union
        select lower(email) from users where company_id = :company and lower(email) not in (select email from staff)
    ), without_team as materialized (
        select email from staff where role = 'agent'
        except select email from members
    )
    select {COLUMNS} from tasks t
    where company_id = :company and id > :after and status in ('pending', 'in_progress') and (
        assigned_user is null or assigned_user in (select email from left_people)
        or (assigned_user in (select email from absent) and {_MAY_BE_TAKEN})
        or (assigned_user in (select email from without_team) and exists (
            select from assignments a where a.company_id = t.company_id and a.task_id = t.id
                and a.assigned_user = t.assigned_user and (a.pool like 'team:%' or a.pool like 'department:%')))
    )
    order by id limit :limit for update
""")
_MARK_OFFERED = text("update turns set people_changed = false where company_id = :company and people_changed")


def companies(session: Session) -> Sequence[int]:
    """Return which of the session's companies have tasks that nobody works on, or people who came or left."""
    return list(session.execute(_COMPANIES).scalars())


def lock(session: Session, company_id: int, *, after: int, limit: int) -> list[Task]:
    """Lock up to `limit` open tasks beyond the task `after` that nobody works on, and return them by id."""
    values = {"company": company_id, "after": after, "limit": limit}
    return [task_of(row) for row in session.execute(_LOCK, values)]


def mark_offered(session: Session, company_id: int) -> None:
    """Note that the tasks of people who left are offered."""
    session.execute(_MARK_OFFERED, {"company": company_id})
