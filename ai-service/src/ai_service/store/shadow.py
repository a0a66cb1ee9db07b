"""What was read about tickets and acted upon by nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.database.statements import Prepared, run_later
from service_kit.messaging.columns import plain, quoted
from sqlalchemy import text
from sqlalchemy.orm import Session

_KEEP = Prepared(
    "keep_shadows",
    """
    insert into shadow_readings (company_id, ticket_id, department, confidence, believed, decided_by, model)
    select * from unnest(:companies, :tickets, :departments, :confidences, :believed, :decided_by, :models)
    on conflict (company_id, ticket_id) do nothing
    """,
    {
        "companies": "int[]",
        "tickets": "bigint[]",
        "departments": "text[]",
        "confidences": "float8[]",
        "believed": "boolean[]",
        "decided_by": "text[]",
        "models": "text[]",
    },
)

# By shadow_readings_newest, and the primary key of examples.
_JUDGED = text("""
    select s.department as said, s.confidence, s.believed, e.label
    from (
        select * from shadow_readings where company_id = :company order by created_at desc limit :most
    ) as s
    left join examples as e on e.company_id = :company and e.ticket_id = s.ticket_id
""")

_FORGET = text("""
    delete from shadow_readings s
    using unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as ended (company_id, id)
    where s.company_id = ended.company_id and s.ticket_id = ended.id
""")


@dataclass(frozen=True)
class Reading:
    """What would have been said about a ticket; `confidence` is 0 to 1."""

    company_id: int
    ticket_id: int
    department: str
    confidence: float
    believed: bool
    decided_by: str
    model: str | None


@dataclass(frozen=True)
class Judged:
    """What was said about a ticket, and what a person said later; None where none did."""

    said: str
    confidence: float
    believed: bool
    label: str | None


def keep(session: Session, readings: Sequence[Reading]) -> None:
    """Keep readings, in the round trip of the transaction's next statement."""
    if readings:
        values = {
            "companies": plain(each.company_id for each in readings),
            "tickets": plain(each.ticket_id for each in readings),
            "departments": quoted(each.department for each in readings),
            "confidences": plain(each.confidence for each in readings),
            "believed": plain(each.believed for each in readings),
            "decided_by": plain(each.decided_by for each in readings),
            "models": quoted(each.model for each in readings),
        }
        run_later(session, [_KEEP], values)


def judged(session: Session, company: int, most: int) -> list[Judged]:
    """Return the newest so many readings with what people decided."""
    return [Judged(**row._mapping) for row in session.execute(_JUDGED, {"company": company, "most": most})]


def forget(session: Session, tickets: Sequence[tuple[int, int]]) -> None:
    """Delete what was read about these tickets, each given as (company, ticket)."""
    session.execute(
        _FORGET,
        {"companies": plain(company for company, _ in tickets), "tickets": plain(ticket for _, ticket in tickets)},
    )


def enabled(session: Session, company: int) -> bool:
    """Tell whether new tickets of a company are read this way."""
    query = text("select enabled from shadow_settings where company_id = :company")
    return bool(session.execute(query, {"company": company}).scalar_one_or_none())


def switch(session: Session, company: int, on: bool) -> None:
    """Have new tickets of a company read this way, or not any more."""
    session.execute(
        text("""
            insert into shadow_settings (company_id, enabled) values (:company, :enabled)
            on conflict (company_id) do update set enabled = excluded.enabled
        """),
        {"company": company, "enabled": on},
    )
