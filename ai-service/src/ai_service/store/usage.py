"""The ledger: a row per call of a paid model, and the same by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service_kit.messaging.columns import plain, quoted
from sqlalchemy import text
from sqlalchemy.orm import Session

from ai_service.domain.usage import Usage

# One moment for both tables: a call at midnight must not stand under two days. Sorted by day and model, so that two
# batches never wait for each other in a circle.
_APPEND = text("""
    with called as (
        select *, statement_timestamp() as at
        from unnest(
            cast(:companies as int[]), cast(:tickets as bigint[]), cast(:models as text[]), cast(:inputs as int[]),
            cast(:outputs as int[]), cast(:reads as int[]), cast(:writes as int[]), cast(:costs as numeric[]),
            cast(:requests as text[]), cast(:purposes as text[])
        ) as told (company_id, ticket_id, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
                   cost_micro_usd, request_id, purpose)
    ), kept as (
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

# By the primary key.
_BY_DAY = text("""
    select day, model, calls, unpriced_calls, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
           cost_micro_usd
    from daily_usage
    where company_id = :company and day > (now() at time zone 'UTC')::date - cast(:days as int)
    order by day desc, model
""")

# By usage_of_ticket.
_FORGET = text("""
    update usage set ticket_id = null
    from unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as ended (company_id, id)
    where usage.company_id = ended.company_id and usage.ticket_id = ended.id
""")


@dataclass(frozen=True)
class Call:
    """A call, for whom and for which ticket."""

    company_id: int
    ticket_id: int | None
    usage: Usage
    purpose: str = "categorize"


def append(session: Session, calls: Sequence[Call]) -> None:
    """Write calls into the ledger, in the caller's transaction."""
    if not calls:
        return
    used = [each.usage for each in calls]
    session.execute(
        _APPEND,
        {
            "companies": plain(each.company_id for each in calls),
            "tickets": _nullable(each.ticket_id for each in calls),
            "models": quoted(each.model for each in used),
            "inputs": plain(each.tokens.input for each in used),
            "outputs": plain(each.tokens.output for each in used),
            "reads": plain(each.tokens.cache_read for each in used),
            "writes": plain(each.tokens.cache_write for each in used),
            "costs": _nullable(each.cost_micro_usd for each in used),
            "requests": quoted(each.request_id for each in used),
            "purposes": quoted(each.purpose for each in calls),
        },
    )


def by_day(session: Session, company: int, days: int) -> list[dict[str, Any]]:
    """Return what a company used on each of the latest days, today's included, newest first, per model."""
    return [dict(row._mapping) for row in session.execute(_BY_DAY, {"company": company, "days": days})]


def forget(session: Session, tickets: Sequence[tuple[int, int]]) -> None:
    """Take the numbers of deleted tickets, each given as (company, ticket), out of the ledger; the money stays."""
    session.execute(
        _FORGET,
        {"companies": plain(company for company, _ in tickets), "tickets": plain(ticket for _, ticket in tickets)},
    )


def _nullable(values: Any) -> str:
    return plain("NULL" if value is None else value for value in values)
