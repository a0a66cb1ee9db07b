"""Tickets' texts and what people decided about them: what the company's model learns from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service_kit.database.statements import Prepared, run_later
from service_kit.messaging.columns import plain, quoted
from sqlalchemy import text
from sqlalchemy.orm import Session

LONGEST_TEXT = 4_000
"""Characters kept of a text: more than a head reads is not needed."""
MOST = 20_000
MOST_HELD_OUT = 2_000

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

# What was learnt from stays so: a model that knows a ticket can't be measured on it.
_HOLD_OUT = text("""
    update examples e set held_out = t.held_out
    from unnest(cast(:tickets as bigint[]), cast(:held_out as boolean[])) as t (ticket_id, held_out)
    where e.company_id = :company and e.ticket_id = t.ticket_id and e.held_out is null
""")

# The first by examples_labelled, the others by examples_held_out.
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

_FORGET = text("""
    delete from examples e
    using unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as ended (company_id, id)
    where e.company_id = ended.company_id and e.ticket_id = ended.id
    returning e.company_id, e.label is not null and e.text is not null as taught
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
    """Where a person put a ticket, and the team that one gave it to; `revision` counts the routings of that ticket."""

    company_id: int
    ticket_id: int
    label: str
    revision: int
    team_id: int | None = None


@dataclass(frozen=True)
class Labelled:
    """A ticket that people decided about."""

    ticket_id: int
    text: str
    label: str
    created_at: datetime
    labelled_at: datetime
    priority: str | None
    """What a person gave it, where one did."""
    held_out: bool | None
    """None: no training used it yet."""
    team_id: int | None
    """The team that a person gave it to, where one did."""


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
                "teams": plain("NULL" if each.team_id is None else each.team_id for each in decided),
                "revisions": plain(each.revision for each in decided),
            },
        )


def forget(session: Session, tickets: Sequence[tuple[int, int]]) -> set[int]:
    """Delete what was kept of these tickets, each given as (company, ticket).

    Returns the companies of those that taught something: their exports may hold a ticket that is gone.
    """
    rows = session.execute(
        _FORGET,
        {"companies": plain(company for company, _ in tickets), "tickets": plain(ticket for _, ticket in tickets)},
    )
    return {row.company_id for row in rows if row.taught}


def get(session: Session, company: int, ticket: int) -> tuple[str | None, str | None] | None:
    """Return the text of a ticket and what a person decided, as far as they are known."""
    query = text("select text, label from examples where company_id = :company and ticket_id = :ticket")
    row = session.execute(query, {"company": company, "ticket": ticket}).one_or_none()
    return None if row is None else (row.text, row.label)


def texts(session: Session, company: int, tickets: Sequence[int]) -> dict[int, str]:
    """Return the texts of these tickets, of those that are still there."""
    query = text("""
        select ticket_id, text from examples
        where company_id = :company and ticket_id = any(cast(:tickets as bigint[])) and text is not null
    """)
    rows = session.execute(query, {"company": company, "tickets": plain(tickets)})
    return {row.ticket_id: row.text for row in rows}


def labelled(session: Session, company: int) -> list[Labelled]:
    """Return the newest tickets that people decided about, oldest first.

    At most 20,000 that are learnt from and 2,000 that were held out.
    """
    rows = session.execute(_LABELLED, {"company": company, "most": MOST, "most_held_out": MOST_HELD_OUT})
    return [Labelled(**row._mapping) for row in rows]


def all_labelled(session: Session, company: int, tickets: Sequence[int]) -> bool:
    """Tell whether none of these tickets, which people decided about, is gone by now."""
    query = text("""
        select count(*) from examples
        where company_id = :company and ticket_id = any(cast(:tickets as bigint[])) and label is not null
    """)
    found = session.execute(query, {"company": company, "tickets": plain(tickets)}).scalar_one()
    return int(found) == len(tickets)


def hold_out(session: Session, company: int, decided: Mapping[int, bool]) -> None:
    """Note which tickets a training held out (true) or learnt from (false), where none did before."""
    session.execute(
        _HOLD_OUT,
        {"company": company, "tickets": plain(decided), "held_out": plain(decided.values())},
    )
