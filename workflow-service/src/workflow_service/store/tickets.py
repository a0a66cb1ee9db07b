"""Tickets, locked in batches and in one order, so that replicas don't deadlock."""

# ruff: noqa: S608 - only column names and conditions that stand in this file are put together here.

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from projection_kit.changes import together
from projection_kit.locked_rows import Key, LockedRows
from service_kit.database.statements import run
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_service.domain.ticket import Ticket
from workflow_service.domain.workflow import Scope

_TICKETS = LockedRows(
    "tickets",
    Ticket,
    types={
        "company_id": "int",
        "ticket_id": "bigint",
        "ticket_uuid": "uuid",
        "team_id": "bigint",
        "routed_revision": "int",
        "status_revision": "int",
        "unmatched_since": "timestamptz",
        "gone": "boolean",
    },
    read_as={"ticket_uuid": "ticket_uuid::text"},
)
_SELECT = f"select {_TICKETS.selected} from tickets"
_WAITING = "unmatched_since is not null and coalesce(status, '') not in ('resolved', 'closed')"


def lock(session: Session, keys: Iterable[Key]) -> dict[Key, Ticket]:
    """Lock tickets until the transaction ends and return them; unknown ones are inserted, unrouted."""
    return _TICKETS.lock(session, keys)


def exists(session: Session, company_id: int, ticket_id: int) -> bool:
    """Return whether a ticket is known and not deleted."""
    query = text("select exists (select from tickets where company_id = :company and ticket_id = :ticket and not gone)")
    return bool(session.execute(query, {"company": company_id, "ticket": ticket_id}).scalar_one())


def lock_unmatched(session: Session, company_id: int, ticket_id: int) -> Ticket | None:
    """Lock a ticket that no workflow takes and return it; None for any other."""
    query = f"{_SELECT} where company_id = :company and ticket_id = :ticket and unmatched_since is not null for update"
    row = session.execute(text(query), {"company": company_id, "ticket": ticket_id}).one_or_none()
    return None if row is None else Ticket._make(row)


def unmatched_scopes(session: Session, company_id: int) -> dict[Scope, int]:
    """Return the scopes of the open tickets that no workflow takes, with their numbers. Index: tickets_unmatched."""
    query = text(
        "select category, sub_category, department, count(*) as number from tickets"
        f" where company_id = :company and {_WAITING} group by category, sub_category, department"
    )
    rows = session.execute(query, {"company": company_id})
    return {Scope(row.category, row.sub_category, row.department): row.number for row in rows}


def lock_unmatched_of(session: Session, company_id: int, scopes: Collection[Scope], *, limit: int) -> dict[Key, Ticket]:
    """Lock up to `limit` open tickets of these scopes that no workflow takes, by number. Index: tickets_unmatched."""
    query = text(
        f"{_SELECT} where company_id = :company and {_WAITING} and exists (select from jsonb_to_recordset("
        "cast(:scopes as jsonb)) as s (category text, sub_category text, department text)"
        " where (s.category, s.sub_category, s.department)"
        " is not distinct from (tickets.category, tickets.sub_category, tickets.department))"
        " order by ticket_id limit :limit for update"
    )
    values = {"scopes": orjson.dumps([vars(scope) for scope in scopes]).decode(), "limit": limit}
    found = [Ticket._make(row) for row in session.execute(query, {"company": company_id, **values})]
    return {(ticket.company_id, ticket.ticket_id): ticket for ticket in found}


def save(session: Session, before: Mapping[Key, Ticket], after: Mapping[Key, Ticket]) -> None:
    """Store the locked tickets that changed."""
    changed = [ticket for key, ticket in after.items() if ticket != before[key]]
    if changed:
        run(session, *together([_TICKETS.save(changed)]))


def unmatched(session: Session, company_id: int, *, after: int, limit: int) -> list[Ticket]:
    """Return up to `limit` tickets that no workflow takes, by number. Index: tickets_unmatched."""
    query = (
        f"{_SELECT} where company_id = :company and ticket_id > :after and unmatched_since is not null"
        " order by ticket_id limit :limit"
    )
    values: dict[str, Any] = {"company": company_id, "after": after, "limit": limit}
    return [Ticket._make(row) for row in session.execute(text(query), values)]


def scopes(session: Session, company_id: int) -> list[Scope]:
    """Return the different categories and departments of a company's tickets, together as they occur."""
    query = text("select distinct category, department from tickets where company_id = :company and not gone")
    return [Scope(row.category, None, row.department) for row in session.execute(query, {"company": company_id})]
