"""Training examples: tickets' texts and the labels that people gave them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, run
from sqlalchemy import text
from sqlalchemy.orm import Session

MAX_TEXT_CHARACTERS = 4_000
"""Characters stored of a text: a head reads no more."""
MAX_TRAINING_EXAMPLES = 20_000
MAX_HELD_OUT = 2_000

_UPSERT_TEXTS = Prepared(
    "upsert_texts",
    """
    insert into examples as e (company_id, ticket_id, text, created_at)
    select distinct on (company_id, ticket_id) *
    from unnest(:companies, :tickets, :texts, :times) as t (company_id, ticket_id, text, created_at)
    order by company_id, ticket_id
    on conflict (company_id, ticket_id) do update set text = excluded.text, created_at = excluded.created_at
    """,
    {"companies": "int[]", "tickets": "bigint[]", "texts": "text[]", "times": "timestamptz[]"},
)

# The highest revision is the latest decision, whatever the order of arrival.
_LABEL = text("""
    insert into examples as e (company_id, ticket_id, label, team_id, labelled_at, label_revision)
    select distinct on (company_id, ticket_id) company_id, ticket_id, label, team_id, clock_timestamp(), revision
    from unnest(
        cast(:companies as int[]), cast(:tickets as bigint[]), cast(:labels as text[]), cast(:teams as bigint[]),
        cast(:revisions as int[])
    ) as t (company_id, ticket_id, label, team_id, revision)
    order by company_id, ticket_id, revision desc
    on conflict (company_id, ticket_id) do update
    set label = excluded.label, team_id = excluded.team_id, labelled_at = excluded.labelled_at,
        label_revision = excluded.label_revision
    where e.label_revision < excluded.label_revision
""")

# Set once: a model that was trained on a ticket can't be evaluated on it.
_HOLD_OUT = text("""
    update examples e set held_out = t.held_out
    from unnest(cast(:tickets as bigint[]), cast(:held_out as boolean[])) as t (ticket_id, held_out)
    where e.company_id = :company and e.ticket_id = t.ticket_id and e.held_out is null
""")

# Indexes: examples_labelled, examples_held_out.
_LABELLED = text("""
    (
        select ticket_id, text, label, created_at, labelled_at, priority, held_out, team_id from examples
        where company_id = :company and label is not null and text is not null and held_out is not true
        order by created_at desc limit :most
    ) union all (
        select ticket_id, text, label, created_at, labelled_at, priority, held_out, team_id from examples
        where company_id = :company and label is not null and text is not null and held_out
        order by created_at desc limit :most_held_out
    )
    order by created_at, ticket_id
""")

_DELETE = text("""
    delete from examples e
    using unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as ended (company_id, id)
    where e.company_id = ended.company_id and e.ticket_id = ended.id
    returning e.company_id, e.label is not null and e.text is not null as is_labelled
""")


@dataclass(frozen=True)
class ExampleText:
    """The text of a ticket, to train on."""

    company_id: int
    ticket_id: int
    text: str
    created_at: str
    """RFC 3339."""


@dataclass(frozen=True)
class HumanLabel:
    """The department and team that a person routed a ticket to; `revision` counts the routings of that ticket."""

    company_id: int
    ticket_id: int
    label: str
    revision: int
    team_id: int | None = None


@dataclass(frozen=True)
class Labelled:
    """A ticket with a label that a person gave it."""

    ticket_id: int
    text: str
    label: str
    created_at: datetime
    labelled_at: datetime
    priority: str | None
    """Set by a person; None where none did."""
    held_out: bool | None
    """None: no training has used it yet."""
    team_id: int | None
    """Assigned by a person; None where none did."""


def upsert_texts(session: Session, rows: Sequence[ExampleText]) -> None:
    """Insert or replace the beginnings of texts."""
    values = {
        "companies": pg_array(each.company_id for each in rows),
        "tickets": pg_array(each.ticket_id for each in rows),
        # PostgreSQL's texts hold no NUL; those of an outside producer may.
        "texts": pg_text_array(each.text[:MAX_TEXT_CHARACTERS].replace("\0", " ") for each in rows),
        "times": pg_text_array(each.created_at for each in rows),
    }
    run(session, [_UPSERT_TEXTS], values)


def upsert_labels(session: Session, labels: Sequence[HumanLabel]) -> None:
    """Insert or replace labels; a label may come before its text."""
    if labels:
        session.execute(
            _LABEL,
            {
                "companies": pg_array(each.company_id for each in labels),
                "tickets": pg_array(each.ticket_id for each in labels),
                "labels": pg_text_array(each.label for each in labels),
                "teams": pg_array("NULL" if each.team_id is None else each.team_id for each in labels),
                "revisions": pg_array(each.revision for each in labels),
            },
        )


def delete(session: Session, tickets: Sequence[tuple[int, int]]) -> set[int]:
    """Delete the examples of these tickets, each given as (company, ticket).

    Returns the companies of those with text and label: their exports may hold a ticket that is gone.
    """
    rows = session.execute(
        _DELETE,
        {
            "companies": pg_array(company_id for company_id, _ in tickets),
            "tickets": pg_array(ticket for _, ticket in tickets),
        },
    )
    return {row.company_id for row in rows if row.is_labelled}


def get(session: Session, company_id: int, ticket: int) -> tuple[str | None, str | None] | None:
    """Return the text and the label of a ticket, None for a missing one; None without an example."""
    query = text("select text, label from examples where company_id = :company and ticket_id = :ticket")
    row = session.execute(query, {"company": company_id, "ticket": ticket}).one_or_none()
    return None if row is None else (row.text, row.label)


def texts(session: Session, company_id: int, tickets: Sequence[int]) -> dict[int, str]:
    """Return the texts of those of these tickets that still exist."""
    query = text("""
        select ticket_id, text from examples
        where company_id = :company and ticket_id = any(cast(:tickets as bigint[])) and text is not null
    """)
    rows = session.execute(query, {"company": company_id, "tickets": pg_array(tickets)})
    return {row.ticket_id: row.text for row in rows}


def labelled(session: Session, company_id: int) -> list[Labelled]:
    """Return the newest labelled tickets, oldest first.

    At most 20,000 to train on and 2,000 that are held out.
    """
    rows = session.execute(
        _LABELLED, {"company": company_id, "most": MAX_TRAINING_EXAMPLES, "most_held_out": MAX_HELD_OUT}
    )
    return [Labelled(**row._mapping) for row in rows]


def all_exist(session: Session, company_id: int, tickets: Sequence[int]) -> bool:
    """Return whether all of these labelled tickets still exist."""
    query = text("""
        select count(*) from examples
        where company_id = :company and ticket_id = any(cast(:tickets as bigint[])) and label is not null
    """)
    found = session.execute(query, {"company": company_id, "tickets": pg_array(tickets)}).scalar_one()
    return int(found) == len(tickets)


def mark_held_out(session: Session, company_id: int, held_out: Mapping[int, bool]) -> None:
    """Mark tickets as held out (true) or trained on (false), unless an earlier training did."""
    session.execute(
        _HOLD_OUT,
        {"company": company_id, "tickets": pg_array(held_out), "held_out": pg_array(held_out.values())},
    )
