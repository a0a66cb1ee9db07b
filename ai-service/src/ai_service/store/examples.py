"""Tickets' texts and what people decided about them: what the company's model learns from."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.database.statements import Prepared, run_later
from service_kit.messaging.columns import plain, quoted
from sqlalchemy import text
from sqlalchemy.orm import Session

LONGEST_TEXT = 4_000
"""Characters kept of a text: more than a head reads is not needed."""
MOST = 20_000

_KEEP_TEXTS = Prepared(
    "keep_texts",
    """
    insert into examples as e (company_id, ticket_id, text, created_at)
    select distinct on (company_id, ticket_id) *
    from unnest(:companies, :tickets, :texts, :times) as t (company_id, ticket_id, text, created_at)
    order by company_id, ticket_id
    on conflict (company_id, ticket_id) do update set text = excluded.text, created_at = excluded.created_at
    """,
    {"companies": "int[]", "tickets": "bigint[]", "texts": "text[]", "times": "timestamptz[]"},
)

# The highest revision is what people decided last, whatever the order of arrival.
_LABEL = text("""
    insert into examples as e (company_id, ticket_id, label, labelled_at, label_revision)
    select distinct on (company_id, ticket_id) company_id, ticket_id, label, clock_timestamp(), revision
    from unnest(
        cast(:companies as int[]), cast(:tickets as bigint[]), cast(:labels as text[]), cast(:revisions as int[])
    ) as t (company_id, ticket_id, label, revision)
    order by company_id, ticket_id, revision desc
    on conflict (company_id, ticket_id) do update
    set label = excluded.label, labelled_at = excluded.labelled_at, label_revision = excluded.label_revision
    where e.label_revision < excluded.label_revision
""")

_FORGET = text("""
    delete from examples e
    using unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as ended (company_id, id)
    where e.company_id = ended.company_id and e.ticket_id = ended.id
""")


@dataclass(frozen=True)
class TicketSaid:
    """The text of a ticket."""

    company_id: int
    ticket_id: int
    text: str
    at: str
    """When it came, RFC 3339."""


@dataclass(frozen=True)
class PersonDecided:
    """Where a person put a ticket; `revision` counts the routings of that ticket."""

    company_id: int
    ticket_id: int
    label: str
    revision: int


def keep_texts(session: Session, said: Sequence[TicketSaid]) -> None:
    """Keep the beginnings of texts, in the round trip of the transaction's next statement."""
    values = {
        "companies": plain(each.company_id for each in said),
        "tickets": plain(each.ticket_id for each in said),
        # PostgreSQL's texts hold no NUL, and a foreign producer's may.
        "texts": quoted(each.text[:LONGEST_TEXT].replace("\0", " ") for each in said),
        "times": quoted(each.at for each in said),
    }
    run_later(session, [_KEEP_TEXTS], values)


def label(session: Session, decided: Sequence[PersonDecided]) -> None:
    """Note what people decided, also before the text has come."""
    if decided:
        session.execute(
            _LABEL,
            {
                "companies": plain(each.company_id for each in decided),
                "tickets": plain(each.ticket_id for each in decided),
                "labels": quoted(each.label for each in decided),
                "revisions": plain(each.revision for each in decided),
            },
        )


def forget(session: Session, tickets: Sequence[tuple[int, int]]) -> None:
    """Delete what was kept of these tickets, each given as (company, ticket)."""
    session.execute(
        _FORGET,
        {"companies": plain(company for company, _ in tickets), "tickets": plain(ticket for _, ticket in tickets)},
    )


def get(session: Session, company: int, ticket: int) -> tuple[str | None, str | None] | None:
    """Return the text of a ticket and what a person decided, as far as they are known."""
    query = text("select text, label from examples where company_id = :company and ticket_id = :ticket")
    row = session.execute(query, {"company": company, "ticket": ticket}).one_or_none()
    return None if row is None else (row.text, row.label)


def labelled(session: Session, company: int) -> list[tuple[int, str, str, str]]:
    """Return (ticket, text, label, time) of the newest tickets that people decided about, at most 20,000."""
    query = text("""
        select ticket_id, text, label, created_at::text from examples
        where company_id = :company and label is not null and text is not null
        order by created_at desc limit :most
    """)
    return [tuple(row) for row in session.execute(query, {"company": company, "most": MOST})]
