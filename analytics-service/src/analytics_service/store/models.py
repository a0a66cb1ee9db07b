"""The serving model of each company, and the usage of paid models."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from service_kit.database.pg_arrays import pg_array, pg_text_array
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# The calls are summed first, because a batch may hold a row twice, and sorted, so that two batches don't deadlock.
_ADD = text("""
    insert into model_usage as stored
    select company_id, day, source, model, purpose, count(*), count(*) filter (where unpriced), sum(input_tokens),
        sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(cost)
    from unnest(
        cast(:companies as int[]), cast(:days as date[]), cast(:sources as text[]), cast(:models as text[]),
        cast(:purposes as text[]), cast(:unpriced as boolean[]), cast(:inputs as bigint[]), cast(:outputs as bigint[]),
        cast(:reads as bigint[]), cast(:writes as bigint[]), cast(:costs as numeric[])
    ) as call (company_id, day, source, model, purpose, unpriced, input_tokens, output_tokens, cache_read_tokens,
        cache_write_tokens, cost)
    group by company_id, day, source, model, purpose
    order by company_id, day, source, model, purpose
    on conflict (company_id, day, source, model, purpose) do update set calls = stored.calls + excluded.calls,
        unpriced_calls = stored.unpriced_calls + excluded.unpriced_calls,
        input_tokens = stored.input_tokens + excluded.input_tokens,
        output_tokens = stored.output_tokens + excluded.output_tokens,
        cache_read_tokens = stored.cache_read_tokens + excluded.cache_read_tokens,
        cache_write_tokens = stored.cache_write_tokens + excluded.cache_write_tokens,
        cost_micro_usd = stored.cost_micro_usd + excluded.cost_micro_usd
""")

# Index: the primary key.
_USAGE = text("""
    select source, model, purpose, sum(calls)::bigint as calls, sum(unpriced_calls)::bigint as unpriced_calls,
        sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
        sum(cache_read_tokens)::bigint as cache_read_tokens, sum(cache_write_tokens)::bigint as cache_write_tokens,
        sum(cost_micro_usd) as cost_micro_usd
    from model_usage where company_id = :company and day >= :first
    group by source, model, purpose order by source, model, purpose
""")


@dataclass(frozen=True)
class Call:
    """One call of a paid model."""

    company_id: int
    day: date
    source: str
    model: str
    purpose: str
    unpriced: bool
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_micro_usd: Decimal


def add_calls(session: Session, calls: Sequence[Call]) -> None:
    """Add calls to the sums of their days."""
    session.execute(
        _ADD,
        {
            "companies": pg_array(call.company_id for call in calls),
            "days": pg_text_array(call.day.isoformat() for call in calls),
            "sources": pg_text_array(call.source for call in calls),
            "models": pg_text_array(call.model for call in calls),
            "purposes": pg_text_array(call.purpose for call in calls),
            "unpriced": pg_array(call.unpriced for call in calls),
            "inputs": pg_array(call.input_tokens for call in calls),
            "outputs": pg_array(call.output_tokens for call in calls),
            "reads": pg_array(call.cache_read_tokens for call in calls),
            "writes": pg_array(call.cache_write_tokens for call in calls),
            "costs": pg_array(call.cost_micro_usd for call in calls),
        },
    )


def serving(session: Session, company_id: int) -> Row[Any] | None:
    """Return the newest promotion of a company; None where there was none."""
    query = text("""
        select version, run_id, examples, accuracy, macro_f1, promoted_at
        from serving_models where company_id = :company
    """)
    return session.execute(query, {"company": company_id}).one_or_none()


def usage(session: Session, company_id: int, first: date) -> Sequence[Row[Any]]:
    """Return the usage since a day, by service, model and purpose."""
    return session.execute(_USAGE, {"company": company_id, "first": first}).all()
