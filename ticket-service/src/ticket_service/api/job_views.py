"""Jobs and their items as response bodies, with the schemas that document them."""

from typing import Any

import orjson
from marshmallow import Schema, fields
from service_kit.http.pages import PageView
from service_kit.http.problems import Problem, problem_response

from ticket_service.domain.jobs import ItemProblem, ItemStatus, Job, JobKind, JobState
from ticket_service.store.job_items import Item


def job_view(job: Job) -> dict[str, Any]:
    """Format a job without its items."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "counts": {
            "total": job.total,
            "pending": 0 if job.finished else job.unprocessed,
            "succeeded": job.succeeded,
            "failed": job.failed,
            "cancelled": job.unprocessed if job.finished else 0,
        },
        "created_by": job.created_by,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
    }


def item_view(item: Item) -> dict[str, Any]:
    """Format an item with its result; the problem is the body that a single call would have got."""
    problem = None if item.problem is None else _problem(item.problem)
    return {"index": item.index, "status": item.status, "ticket_id": item.ticket_id, "problem": problem}


def _problem(stored: ItemProblem) -> dict[str, Any]:
    response = problem_response(
        Problem(stored.detail, status=stored.status, code=stored.code, errors=list(stored.errors))
    )
    body: dict[str, Any] = orjson.loads(response.get_data())
    body.pop("request_id", None)  # the id of the request that reads, not of the one that failed
    return body


class CountsView(Schema):
    """The items of a job by their status."""

    total = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    succeeded = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)


class JobView(Schema):
    """A job. It is `failed` where no item succeeded."""

    id = fields.UUID(required=True)
    kind = fields.Enum(JobKind, by_value=fields.String(), required=True)
    state = fields.Enum(JobState, by_value=fields.String(), required=True)
    counts = fields.Nested(CountsView, required=True)
    created_by = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    finished_at = fields.DateTime(required=True, allow_none=True)


class JobsView(PageView):
    """A page of jobs, newest first."""

    items = fields.List(fields.Nested(JobView), required=True)


class FieldErrorView(Schema):
    """An invalid field."""

    field = fields.String(required=True)
    message = fields.String(required=True)


class ItemProblemView(Schema):
    """Why an item failed: the problem that a single call would have answered."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(FieldErrorView))


class ItemView(Schema):
    """An item of a job: its place in the request, and its result."""

    index = fields.Integer(required=True)
    status = fields.Enum(ItemStatus, by_value=fields.String(), required=True)
    ticket_id = fields.Integer(required=True, allow_none=True)
    problem = fields.Nested(ItemProblemView, required=True, allow_none=True)


class JobItemsView(JobView, PageView):
    """A job with a page of its items, in the order of the request."""

    items = fields.List(fields.Nested(ItemView), required=True)
