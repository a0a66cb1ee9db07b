"""The ledger: a row per call of a paid model, and sums per day."""

# ruff: noqa: S608 - the queries are built from the constants in this file only.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from service_kit.database.pg_arrays import pg_array, pg_text_array
from sqlalchemy import text
from sqlalchemy.orm import Session

from ai_service.domain.usage import Usage

# One timestamp for both tables: a call at midnight must not have two days. Sorted by day and model, so that two batches
# can't deadlock.
_APPEND = text("""
    with called as (
        select *, statement_timestamp() as at
        from unnest(
            cast(:companies as int[]), cast(:tickets as bigint[]), cast(:models as text[]), cast(:inputs as int[]),
            cast(:outputs as int[]), cast(:reads as int[]), cast(:writes as int[]), cast(:costs as numeric[]),
            cast(:requests as text[]), cast(:purposes as text[])
        ) as given (company_id, ticket_id, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
                   cost_micro_usd, request_id, purpose)
    ), inserted as (
        insert into usage (company_id, at, ticket_id, purpose, model, input_tokens, output_tokens, cache_read_tokens,
                           cache_write_tokens, cost_micro_usd, request_id)
        select company_id, at, ticket_id, purpose, model, input_tokens, output_tokens, cache_read_tokens,
               cache_write_tokens, cost_micro_usd, request_id
        from called
    )
    insert into daily_usage as before (company_id, day, model, calls, unpriced_calls, input_tokens, output_tokens,
                                       cache_read_tokens, cache_write_tokens, cost_micro_usd)
    select company_id, (at at time zone 'UTC')::date, model, count(*), count(*) filter (where cost_micro_usd is null),
           sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens),
           coalesce(sum(cost_micro_usd), 0)
    from called
    group by 1, 2, 3
    order by 1, 2, 3
    on conflict (company_id, day, model) do update
    set calls = before.calls + excluded.calls, unpriced_calls = before.unpriced_calls + excluded.unpriced_calls,
        input_tokens = before.input_tokens + excluded.input_tokens,
        output_tokens = before.output_tokens + excluded.output_tokens,
        cache_read_tokens = before.cache_read_tokens + excluded.cache_read_tokens,
        cache_write_tokens = before.cache_write_tokens + excluded.cache_write_tokens,
        cost_micro_usd = before.cost_micro_usd + excluded.cost_micro_usd
""")

_SINCE_DAY = "(now() at time zone 'UTC')::date - cast(:days as int) + 1"
_SINCE = f"(({_SINCE_DAY})::timestamp at time zone 'UTC')"
_SUMS = """
    count(*) as calls, count(*) filter (where cost_micro_usd is null) as unpriced_calls,
    sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens,
    sum(cache_read_tokens) as cache_read_tokens, sum(cache_write_tokens) as cache_write_tokens,
    coalesce(sum(cost_micro_usd), 0) as cost_micro_usd
"""

# Index: usage_of_ticket.
_ANONYMIZE = text("""
    update usage set ticket_id = null
    from unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as ended (company_id, id)
    where usage.company_id = ended.company_id and usage.ticket_id = ended.id
""")


@dataclass(frozen=True)
class Call:
    """A call with its company, ticket and purpose."""

    company_id: int
    ticket_id: int | None
    usage: Usage
    purpose: str = "categorize"


def append(session: Session, calls: Sequence[Call]) -> None:
    """Insert calls into the ledger, in the caller's transaction."""
    if not calls:
        return
    used = [each.usage for each in calls]
    session.execute(
        _APPEND,
        {
            "companies": pg_array(each.company_id for each in calls),
            "tickets": _nullable(each.ticket_id for each in calls),
            "models": pg_text_array(each.model for each in used),
            "inputs": pg_array(each.tokens.input for each in used),
            "outputs": pg_array(each.tokens.output for each in used),
            "reads": pg_array(each.tokens.cache_read for each in used),
            "writes": pg_array(each.tokens.cache_write for each in used),
            "costs": _nullable(each.cost_micro_usd for each in used),
            "requests": pg_text_array(each.request_id for each in used),
            "purposes": pg_text_array(each.purpose for each in calls),
        },
    )


def by_day(
    session: Session, company_id: int, days: int, *, before: tuple[Any, ...] | None, limit: int
) -> list[dict[str, Any]]:
    """Return a page of a company's usage per day and model, newest first. Index: the primary key."""
    later = "and (day < :day or (day = :day and model > :model))" if before else ""
    return _rows(
        session,
        f"""
        select day, model, calls, unpriced_calls, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
               cost_micro_usd
        from daily_usage where company_id = :company and day >= {_SINCE_DAY} {later}
        order by day desc, model limit :limit
        """,
        {"company": company_id, "days": days, "limit": limit}
        | (dict(zip(("day", "model"), before, strict=True)) if before else {}),
    )


def by_ticket(
    session: Session, company_id: int, days: int, *, ticket: int | None, before: tuple[Any, ...] | None, limit: int
) -> list[dict[str, Any]]:
    """Return a page of usage per ticket, newest first, then one row of calls without one. Index: usage_of_ticket."""
    values = {"company": company_id, "days": days, "limit": limit, "ticket": ticket, "before": before and before[0]}
    only = "and ticket_id = :ticket" if ticket is not None else ""
    older = "and ticket_id < :before" if before else ""
    found = _rows(
        session,
        f"""
        select ticket_id, {_SUMS} from usage
        where company_id = :company and ticket_id is not null and at >= {_SINCE} {only} {older}
        group by ticket_id order by ticket_id desc limit :limit
        """,
        values,
    )
    if len(found) < limit and ticket is None:
        found += _rows(
            session,
            f"""
            select null as ticket_id, {_SUMS} from usage
            where company_id = :company and ticket_id is null and at >= {_SINCE} having count(*) > 0
            """,
            values,
        )
    return found


def by_call(
    session: Session, company_id: int, days: int, *, ticket: int | None, before: tuple[Any, ...] | None, limit: int
) -> list[dict[str, Any]]:
    """Return a page of a company's calls, newest first. Indexes: usage_of_company, usage_of_ticket."""
    only = "and ticket_id = :ticket" if ticket is not None else ""
    older = "and (at, id) < (:at, :id)" if before else ""
    return _rows(
        session,
        f"""
        select id, at, ticket_id, purpose, request_id, model, 1 as calls,
               case when cost_micro_usd is null then 1 else 0 end as unpriced_calls,
               input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
               coalesce(cost_micro_usd, 0) as cost_micro_usd
        from usage where company_id = :company and at >= {_SINCE} {only} {older}
        order by at desc, id desc limit :limit
        """,
        {"company": company_id, "days": days, "limit": limit, "ticket": ticket}
        | (dict(zip(("at", "id"), before, strict=True)) if before else {}),
    )


def total(session: Session, company_id: int, days: int) -> tuple[Decimal, int]:
    """Return the cost of the latest days in millionths of a dollar, and the number of calls without a price."""
    query = text(
        "select coalesce(sum(cost_micro_usd), 0), coalesce(sum(unpriced_calls), 0) from daily_usage"
        f" where company_id = :company and day >= {_SINCE_DAY}"
    )
    cost, unpriced = session.execute(query, {"company": company_id, "days": days}).one()
    return cost, int(unpriced)


def _rows(session: Session, query: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in session.execute(text(query), values)]


def remove_tickets(session: Session, tickets: Sequence[tuple[int, int]]) -> None:
    """Remove the ids of deleted tickets, each given as (company, ticket), from the ledger; the costs stay."""
    session.execute(
        _ANONYMIZE,
        {
            "companies": pg_array(company_id for company_id, _ in tickets),
            "tickets": pg_array(ticket for _, ticket in tickets),
        },
    )


def _nullable(values: Any) -> str:
    return pg_array("NULL" if value is None else value for value in values)
