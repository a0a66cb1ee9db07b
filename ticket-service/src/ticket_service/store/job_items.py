"""The items of jobs, with their results."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, run
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ticket_service.domain.jobs import ItemProblem, ItemStatus, Job, Result
from ticket_service.store.tables import job_items

_ADD = Prepared(
    "add_job_items",
    """
    insert into job_items (company_id, job_id, index, status, ticket_id, draft, if_match, problem)
    select :company_id, :job_id, * from unnest(:indexes, :statuses, :ticket_ids, :drafts, :if_matches, :problems)
    """,
    {
        "company_id": "int",
        "job_id": "uuid",
        "indexes": "int[]",
        "statuses": "text[]",
        "ticket_ids": "bigint[]",
        "drafts": "json[]",
        "if_matches": "json[]",
        "problems": "jsonb[]",
    },
)
# The draft goes: it holds the ticket's text, which the ticket's deletion must find in the ticket alone.
_RECORD = Prepared(
    "record_job_results",
    """
    update job_items
    set status = r.status, ticket_id = coalesce(r.ticket_id, job_items.ticket_id), problem = r.problem, draft = null
    from unnest(:indexes, :statuses, :ticket_ids, :problems) as r (index, status, ticket_id, problem)
    where job_items.company_id = :company_id and job_items.job_id = :job_id and job_items.index = r.index
    """,
    {
        "company_id": "int",
        "job_id": "uuid",
        "indexes": "int[]",
        "statuses": "text[]",
        "ticket_ids": "bigint[]",
        "problems": "jsonb[]",
    },
)


@dataclass(frozen=True)
class Item:
    """One item: the ticket to create (`draft`) or the ticket to change, and the result if there is one."""

    index: int
    status: ItemStatus = ItemStatus.PENDING
    ticket_id: int | None = None
    draft: Mapping[str, Any] | None = None
    if_match: Collection[str] | None = None
    """The tags of which the ticket to change must have one; None for any."""
    problem: ItemProblem | None = None


def add(session: Session, job: Job, items: Sequence[Item]) -> None:
    """Store the items of a new job."""
    drafts = [None if item.draft is None else orjson.dumps(item.draft).decode() for item in items]
    tags = [None if item.if_match is None else orjson.dumps(sorted(item.if_match)).decode() for item in items]
    values = _columns(items, (item.status for item in items))
    run(session, [_ADD], {**_key(job), **values, "drafts": pg_text_array(drafts), "if_matches": pg_text_array(tags)})


def pending(session: Session, job: Job, limit: int) -> list[Item]:
    """Return the next items without a result, in order. Index: job_items_pending."""
    query = _of(job).where(job_items.c.status == ItemStatus.PENDING).order_by(job_items.c.index).limit(limit)
    return [_item(row) for row in session.execute(query)]


def page(session: Session, job: Job, statuses: Sequence[ItemStatus], *, after: int, limit: int) -> list[Item]:
    """Return up to `limit` items after an index, in order; with `statuses` only those that have one of them."""
    query = _of(job).where(job_items.c.index > after).order_by(job_items.c.index).limit(limit)
    return [_item(row) for row in session.execute(query.where(job_items.c.status.in_(statuses)) if statuses else query)]


def record(session: Session, job: Job, results: Sequence[Result]) -> None:
    """Store the results of items."""
    if results:
        statuses = (ItemStatus.FAILED if result.problem else ItemStatus.SUCCEEDED for result in results)
        run(session, [_RECORD], {**_key(job), **_columns(results, statuses)})


def cancel(session: Session, job: Job) -> None:
    """Cancel the items without a result."""
    waiting = (job_items.c.company_id == job.company_id, job_items.c.job_id == job.id)
    session.execute(
        update(job_items)
        .where(*waiting, job_items.c.status == ItemStatus.PENDING)
        .values(status=ItemStatus.CANCELLED, draft=None)
    )


def _key(job: Job) -> dict[str, Any]:
    return {"company_id": job.company_id, "job_id": str(job.id)}


def _columns(rows: Sequence[Item | Result], statuses: Iterable[ItemStatus]) -> dict[str, str]:
    return {
        "indexes": pg_array(row.index for row in rows),
        "statuses": pg_text_array(list(statuses)),
        "ticket_ids": pg_text_array(None if row.ticket_id is None else str(row.ticket_id) for row in rows),
        "problems": pg_text_array(None if row.problem is None else orjson.dumps(row.problem).decode() for row in rows),
    }


def _of(job: Job) -> Any:
    columns = (
        job_items.c.index, job_items.c.status, job_items.c.ticket_id, job_items.c.draft, job_items.c.if_match,
        job_items.c.problem,
    )  # fmt: skip
    return select(*columns).where(job_items.c.company_id == job.company_id, job_items.c.job_id == job.id)


def _item(row: Any) -> Item:
    index, status, ticket_id, draft, tags, problem = row
    return Item(index, ItemStatus(status), ticket_id, draft, tags, None if problem is None else ItemProblem(**problem))
