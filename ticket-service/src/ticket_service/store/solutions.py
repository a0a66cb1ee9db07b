"""The solution that each ticket shows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, run
from sqlalchemy import func, text, update
from sqlalchemy.orm import Session

from ticket_service.domain.solution import PERSON_MODE, Solution
from ticket_service.domain.ticket import Ticket
from ticket_service.store.routings import Key
from ticket_service.store.tables import SHOWN, tickets
from ticket_service.store.tickets import from_row

SHOW = Prepared(
    "show_solutions",
    """
    update tickets t
    set solution_steps = s.steps, solution_confidence = s.confidence, solution_mode = s.mode, updated_at = now(),
        version = t.version + 1
    from unnest(:company_ids, :ticket_ids, :steps, :confidences, :modes)
         as s (company_id, ticket_id, steps, confidence, mode)
    where t.company_id = s.company_id and t.id = s.ticket_id
    """,
    {
        "company_ids": "int[]",
        "ticket_ids": "bigint[]",
        "steps": "jsonb[]",
        "confidences": "double precision[]",
        "modes": "text[]",
    },
)

# Indexes: the primary key and solution_sources_of_ticket.
_REPLACE_SOURCES = text("""
    with before as (
        delete from solution_sources as s
        using unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as t (company_id, ticket_id)
        where s.company_id = t.company_id and s.ticket_id = t.ticket_id
            and (s.company_id, s.ticket_id, s.file_id) not in (
                select * from unnest(
                    cast(:file_companies as int[]), cast(:file_tickets as bigint[]), cast(:files as uuid[])
                )
            )
    )
    insert into solution_sources (company_id, ticket_id, file_id)
    select * from unnest(cast(:file_companies as int[]), cast(:file_tickets as bigint[]), cast(:files as uuid[]))
    on conflict do nothing
""")

_REMOVE_STEPS = text("""
    with rested as (
        delete from solution_sources where company_id = :company and file_id = :file returning ticket_id
    )
    update tickets
    set solution_steps = '[]', solution_confidence = 0, updated_at = now(), version = version + 1
    from rested
    where tickets.company_id = :company and tickets.id = rested.ticket_id
        and tickets.solution_mode is distinct from 'person'
""")


def show(session: Session, solutions: Mapping[Key, Solution]) -> None:
    """Store the solutions that tickets show."""
    if not solutions:
        return
    values = list(solutions.values())
    run(
        session,
        [SHOW],
        {
            "company_ids": pg_array(company_id for company_id, _ in solutions),
            "ticket_ids": pg_array(ticket_id for _, ticket_id in solutions),
            "steps": pg_text_array(orjson.dumps(solution.steps).decode() for solution in values),
            "confidences": pg_array(solution.confidence for solution in values),
            "modes": pg_text_array(solution.mode for solution in values),
        },
    )
    sources = [(*key, file) for key, solution in solutions.items() for file in solution.files]
    session.execute(
        _REPLACE_SOURCES,
        {
            "companies": pg_array(company_id for company_id, _ in solutions),
            "tickets": pg_array(ticket for _, ticket in solutions),
            "file_companies": pg_array(company_id for company_id, _, _ in sources),
            "file_tickets": pg_array(ticket for _, ticket, _ in sources),
            "files": pg_array(file for _, _, file in sources),
        },
    )


def save_persons(session: Session, ticket: Ticket, steps: list[dict[str, Any]]) -> Ticket:
    """Store a person's steps as the solution of a locked ticket and return it; earlier versions become stale."""
    statement = (
        update(tickets)
        .where(tickets.c.company_id == ticket.company_id, tickets.c.id == ticket.id)
        .values(
            solution_steps=steps,
            solution_confidence=None,
            solution_mode=PERSON_MODE,
            version=tickets.c.version + 1,
            edited_version=tickets.c.version + 1,
            updated_at=func.now(),
        )
        .returning(*SHOWN)
    )
    return from_row(session.execute(statement).one())


def remove_steps_from_file(session: Session, company_id: int, file_id: UUID) -> None:
    """Empty the steps of all tickets whose solution rests on a file; steps that a person wrote stay."""
    session.execute(_REMOVE_STEPS, {"company": company_id, "file": file_id})
