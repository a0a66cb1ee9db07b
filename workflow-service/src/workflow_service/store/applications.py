"""Applications of policies, and the open tasks that they are about."""

# ruff: noqa: S608 - only names and conditions that stand in this file are put together here.

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from workflow_service.domain.application import DONE, PENDING, Application, Target
from workflow_service.domain.task import Task
from workflow_service.store import tasks
from workflow_service.store.tasks import task_of

_COLUMNS = ", ".join(field.name for field in fields(Application))
_TASK = ", ".join(f"t.{name}" for name in tasks.COLUMNS.split(", "))
_VERSION = "coalesce(cast(t.policies -> -1 ->> 'version' as int), t.workflow_version)"
_CALENDAR = (
    "case when t.policies is null then t.calendar_version else cast(t.policies -> -1 ->> 'calendar_version' as int) end"
)
# Versions only grow: of two applications at the same time the older one takes nothing back.
_OF_WORKFLOW = f"""
    from tasks t
    where t.company_id = :company and t.id > :after and t.status in ('pending', 'in_progress')
        and t.workflow_id = :workflow_id and ({_VERSION} < :workflow_version
            or ({_VERSION} = :workflow_version and {_CALENDAR} < :calendar_version))
"""
_OF_CALENDAR = f"""
    from tasks t join workflow_versions v
        on v.company_id = t.company_id and v.workflow_id = t.workflow_id and v.version = {_VERSION}
    where t.company_id = :company and t.id > :after and t.status in ('pending', 'in_progress')
        and v.calendar_id = :calendar_id and {_CALENDAR} < :calendar_version
"""
_SET_POLICIES = text("""
    update tasks t set policies = n.policies
    from jsonb_to_recordset(cast(:tasks as jsonb)) as n (company_id int, id bigint, policies jsonb)
    where t.company_id = n.company_id and t.id = n.id
""")


def add(session: Session, company_id: int, target: Target) -> Application:
    """Insert an application that is to be done and return it."""
    statement = text(
        "insert into policy_applications (company_id, workflow_id, workflow_version, calendar_id, calendar_version)"
        f" values (:company, :workflow_id, :workflow_version, :calendar_id, :calendar_version) returning {_COLUMNS}"
    )
    return _application(session.execute(statement, {"company": company_id, **vars(target)}).one())


def find(session: Session, company_id: int, application_id: int) -> Application | None:
    """Return an application, None without one."""
    query = text(f"select {_COLUMNS} from policy_applications where company_id = :company and id = :id")
    row = session.execute(query, {"company": company_id, "id": application_id}).one_or_none()
    return None if row is None else _application(row)


def pending(session: Session) -> list[tuple[int, int]]:
    """Return the applications that are to be done, by company and id. Index: policy_applications_pending."""
    query = text("select company_id, id from policy_applications where state = :pending order by company_id, id")
    return [(row.company_id, row.id) for row in session.execute(query, {"pending": PENDING})]


def lock(session: Session, company_id: int, application_id: int) -> Application | None:
    """Lock an application that is to be done; None where it is done, or where another replica has locked it."""
    query = text(
        f"select {_COLUMNS} from policy_applications where company_id = :company and id = :id and state = :pending"
        " for update skip locked"
    )
    values = {"company": company_id, "id": application_id, "pending": PENDING}
    row = session.execute(query, values).one_or_none()
    return None if row is None else _application(row)


def advance(session: Session, application: Application) -> None:
    """Store the progress of a locked application."""
    statement = text(
        "update policy_applications set state = :state, after_task = :after_task, tasks = :tasks, moved = :moved,"
        " finished_at = case when :state = :done then clock_timestamp() end where company_id = :company and id = :id"
    )
    session.execute(statement, {**vars(application), "company": application.company_id, "done": DONE})


def affected(session: Session, company_id: int, target: Target, *, after: int, limit: int) -> list[Task]:
    """Return up to `limit` open tasks numbered above `after` that an older version measures, by number."""
    values = {"company": company_id, "after": after, "limit": limit, **vars(target)}
    query = text(f"select {_TASK} {_condition(target)} order by t.id limit :limit")
    return [task_of(row) for row in session.execute(query, values)]


def lock_affected(session: Session, company_id: int, target: Target, *, after: int, last: int) -> list[Task]:
    """Lock the tasks numbered above `after`, up to `last`, that are still affected, and return them by number."""
    values = {"company": company_id, "after": after, "last": last, **vars(target)}
    query = text(f"select {_TASK} {_condition(target)} and t.id <= :last order by t.id for update of t")
    return [task_of(row) for row in session.execute(query, values)]


def set_policies(session: Session, changed: Sequence[Task]) -> None:
    """Store the policies of locked tasks; their `version` and `updated_at` stay."""
    rows = [{"company_id": task.company_id, "id": task.id, "policies": task.policies} for task in changed]
    session.execute(_SET_POLICIES, {"tasks": orjson.dumps(rows).decode()})


def time(session: Session) -> datetime:
    """Return the time of the transaction by the database's clock."""
    found: datetime = session.execute(text("select now()")).scalar_one()
    return found


def _condition(target: Target) -> str:
    return _OF_CALENDAR if target.workflow_id is None else _OF_WORKFLOW


def _application(row: Row[Any]) -> Application:
    return Application(**row._mapping)
