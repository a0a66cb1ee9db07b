"""To which roles tasks were escalated."""

from collections import defaultdict
from collections.abc import Collection

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session


def roles(session: Session, company_id: int, task_id: int) -> set[str]:
    """Return the roles to which a locked task was escalated."""
    query = text("select role from escalations where company_id = :company and task_id = :task")
    return set(session.execute(query, {"company": company_id, "task": task_id}).scalars())


def add(session: Session, company_id: int, task_id: int, role: str, reason: str) -> None:
    """Store an escalation; the primary key allows one per task and role."""
    statement = text(
        "insert into escalations (company_id, task_id, role, reason) values (:company, :task, :role, :reason)"
    )
    session.execute(statement, {"company": company_id, "task": task_id, "role": role, "reason": reason})


def roles_of(session: Session, keys: Collection[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
    """Return the roles to which locked tasks were escalated, by company and task."""
    query = text("""
        select company_id, task_id, role from escalations where (company_id, task_id) in
            (select * from unnest(cast(:companies as int[]), cast(:tasks as bigint[])))
    """)
    found: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    values = {"companies": [key[0] for key in keys], "tasks": [key[1] for key in keys]}
    for row in session.execute(query, values):
        found[row.company_id, row.task_id].add(row.role)
    return found


def add_all(session: Session, roles: Collection[tuple[tuple[int, int], str]], reason: str) -> None:
    """Store escalations, each a task's key with a role; the primary key allows one per task and role."""
    statement = text("""
        insert into escalations (company_id, task_id, role, reason)
        select company_id, task_id, role, :reason
        from jsonb_to_recordset(cast(:roles as jsonb)) as n (company_id int, task_id bigint, role text)
    """)
    rows = [{"company_id": key[0], "task_id": key[1], "role": role} for key, role in roles]
    if rows:
        session.execute(statement, {"roles": orjson.dumps(rows).decode(), "reason": reason})
