"""The people among whom tasks are dealt: replicas of teams and users, presence, and whose turn it is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from service_kit.database.statements import Prepared, run
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_service.domain.deal import Member, Person, Pool
from workflow_service.domain.definition import LEAD
from workflow_service.domain.folding import fold
from workflow_service.domain.presence import Presence, available_since, is_available

# The row's lock ends with the transaction. Choosing begins in a later statement: its snapshot shows what the
# transaction that held the lock before has assigned.
_TAKE_TURNS = Prepared(
    "take_turns",
    """
    insert into turns as t (company_id, last_turn)
    select company_id, number from unnest(:companies, :numbers) as n (company_id, number)
    order by company_id
    on conflict (company_id) do update set last_turn = t.last_turn + excluded.last_turn
    returning company_id, last_turn
    """,
    {"companies": "int[]", "numbers": "bigint[]"},
)
_MEMBERS = Prepared(
    "members_of_pools",
    """
    select team_id, department, members from teams
    where company_id = :company and is_active and not gone
        and (team_id = any(:teams) or department = any(:departments) or (department is null and :any_department))
    order by team_id
    """,
    {"company": "int", "teams": "bigint[]", "departments": "text[]", "any_department": "boolean"},
)
_ALL_MEMBERS = text(
    """
    select members from teams
    where company_id = :company and is_active and not gone
        and (cast(:department as text) is null or department is null or lower(department) = lower(:department))
    order by team_id
""",
)
_USERS = text("""
    select lower(email) as email, role from users
    where company_id = :company and is_active and role = any(:roles) and email <> ''
""")
# Members of teams without an account work; an account must be an active one of staff.
_BARRED = Prepared(
    "barred_people",
    """
    select lower(email) as email from users where company_id = :company and lower(email) = any(:emails)
    except select lower(email) from users
    where company_id = :company and is_active and role in ('agent', 'manager', 'admin')
    """,
    {"company": "int", "emails": "text[]"},
)
_PRESENCE = Prepared(
    "presence_of_people",
    "select email, available, until, since from presence where company_id = :company and email = any(:emails)",
    {"company": "int", "emails": "text[]"},
)
_TURNS = Prepared(
    "turns_of_pools",
    "select pool, email, last_turn, at from turns_of_people where company_id = :company and pool = any(:pools)",
    {"company": "int", "pools": "text[]"},
)
# Index: tasks_open_of_person.
_OPEN = Prepared(
    "open_tasks_of_people",
    """
    select assigned_user, count(*) as number from tasks
    where company_id = :company and assigned_user = any(:emails) and status in ('pending', 'in_progress')
    group by assigned_user
    """,
    {"company": "int", "emails": "text[]"},
)
_SAVE_TURNS = Prepared(
    "save_turns",
    """
    insert into turns_of_people as t (company_id, pool, email, last_turn)
    select :company, pool, email, last_turn
    from jsonb_to_recordset(:turns) as n (pool text, email text, last_turn bigint)
    order by pool, email
    on conflict (company_id, pool, email) do update set last_turn = excluded.last_turn, at = clock_timestamp()
    """,
    {"company": "int", "turns": "jsonb"},
)
_MARK_CHANGED = text("""
    insert into turns (company_id, people_changed) select unnest(cast(:companies as int[])), true order by 1
    on conflict (company_id) do update set people_changed = true
""")


def take_turns(session: Session, numbers: Mapping[int, int]) -> dict[int, int]:
    """Lock the order of companies until the transaction ends; return the last of the `numbers` turns that each gets."""
    companies = sorted(numbers)
    values = {"companies": companies, "numbers": [numbers[company] for company in companies]}
    return {row.company_id: row.last_turn for row in run(session, [_TAKE_TURNS], values)}


def pools(
    session: Session, company_id: int, people: Mapping[str, Mapping[str, Member]], now: datetime, *, with_open: bool
) -> dict[str, Pool]:
    """Return pools by name with their `members` as they are now; `with_open` counts their open tasks."""
    emails = sorted({email for members in people.values() for email in members})
    if not emails:
        return {name: Pool(name, {}) for name in people}
    of_people = {"company": company_id, "emails": emails}
    presence = {
        row.email: Presence(row.available, row.until, row.since) for row in run(session, [_PRESENCE], of_people)
    }
    absent = {row.email for row in run(session, [_BARRED], of_people)}
    open_tasks: dict[str, int] = {}
    if with_open:
        open_tasks = {row.assigned_user: row.number for row in run(session, [_OPEN], of_people)}
    of_pools = {"company": company_id, "pools": list(people)}
    turns = {(row.pool, row.email): row for row in run(session, [_TURNS], of_pools)}
    return {
        name: Pool(
            name,
            {
                email: Person(
                    email,
                    member.role,
                    available=email not in absent and is_available(presence.get(email), now),
                    open=open_tasks.get(email, 0) if with_open else None,
                    last_turn=_turn(turns.get((name, email)), available_since(presence.get(email), now)),
                    skills=frozenset(member.skills),
                )
                for email, member in sorted(members.items())
            },
        )
        for name, members in people.items()
    }


def save_turns(session: Session, company_id: int, changed: Collection[Pool]) -> None:
    """Store the turns of people who were chosen."""
    turns = [
        {"pool": pool.name, "email": email, "last_turn": pool.people[email].last_turn}
        for pool in changed
        for email in sorted(pool.taken)
    ]
    if turns:
        run(session, [_SAVE_TURNS], {"company": company_id, "turns": orjson.dumps(turns).decode()})


def mark_changed(session: Session, company_ids: Collection[int]) -> None:
    """Note that people of companies came or left, so that the sweep offers the work of those who left."""
    session.execute(_MARK_CHANGED, {"companies": sorted(company_ids)})


def of_department(session: Session, company_id: int, department: str | None) -> dict[str, Member]:
    """Return the members of the active teams that serve a department, or of all of them, by address."""
    found: dict[str, Member] = {}
    for row in session.execute(_ALL_MEMBERS, {"company": company_id, "department": department}):
        _add(found, row.members)
    return found


def departments(session: Session, company_id: int) -> set[str]:
    """Return the departments that a company's active teams serve."""
    query = text(
        "select distinct department from teams"
        " where company_id = :company and is_active and not gone and department is not null"
    )
    return set(session.execute(query, {"company": company_id}).scalars())


def members(session: Session, company_id: int, names: Collection[str]) -> dict[str, dict[str, Member]]:
    """Return each pool's people, by address. A team without a department serves every department."""
    found: dict[str, dict[str, Member]] = {name: {} for name in names}
    teams = [int(name.partition(":")[2]) for name in names if name.startswith("team:")]
    departments = [name.partition(":")[2] for name in names if name.startswith("department:")]
    roles = [name.partition(":")[2] for name in names if name.startswith("role:")]
    if teams or departments:
        values = {"company": company_id, "teams": teams or [0], "departments": departments or [""]}
        for row in run(session, [_MEMBERS], {**values, "any_department": bool(departments)}):
            served = [f"team:{row.team_id}"]
            served += [f"department:{name}" for name in departments if row.department in (None, name)]
            for name in set(served) & found.keys():
                _add(found[name], row.members)
    if roles:
        for row in session.execute(_USERS, {"company": company_id, "roles": roles}):
            found[f"role:{row.role}"][row.email] = Member(row.role)
    return found


def _add(people: dict[str, Member], members: Sequence[Mapping[str, Any]]) -> None:
    """Add a team's members; who leads one of a pool's teams leads in the pool, and a skill of one team is one of it."""
    for each in members:
        member = people.setdefault(each["email"], Member(each["role"]))
        member.role = LEAD if each["role"] == LEAD else member.role
        member.skills |= {fold(skill) for skill in each.get("skills", ())}


def _turn(row: Any, since: datetime | None) -> int | None:
    """Return a person's last turn; None for who had none, or came back after it."""
    if row is None or (since is not None and row.at < since):
        return None
    return int(row.last_turn)
