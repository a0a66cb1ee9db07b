"""`/api/tickets/bulk`: many tickets by one request, as a job."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from flask import Response, g
from marshmallow import Schema, ValidationError
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.parsing import field_errors
from service_kit.http.policy import allowed
from service_kit.http.problems import Invalid

from ticket_service.api.bulk_schemas import BulkChange, NewTickets
from ticket_service.api.filters import filters_of
from ticket_service.api.job_views import JobView, job_view
from ticket_service.api.request_context import request_context
from ticket_service.api.roles import CREATORS, EDITORS
from ticket_service.api.schemas import NewTicket
from ticket_service.api.visibility import with_requester
from ticket_service.domain.edit import Edit
from ticket_service.domain.jobs import ItemProblem, ItemStatus, Job
from ticket_service.domain.teams import NamedTeam
from ticket_service.store.job_items import Item
from ticket_service.store.listing import Filters
from ticket_service.usecases.start_job import JobRequest, start_change, start_creation

bulk = Blueprint("bulk", __name__, description="Many tickets by one request")


@bulk.post("/api/tickets/bulk")
@allowed(*CREATORS)
@bulk.arguments(
    NewTickets,
    example={
        "tickets": [
            {
                "title": "VPN drops",
                "description": "Every hour, at home only.",
                "user_name": "Ann",
                "user_email": "ann@company.example",
            }
        ]
    },
)
@bulk.response(202, JobView)
def post_tickets(new: dict[str, Any]) -> Response:
    """Create tickets by a job, with a result for each; `Location` is the job."""
    sent = _limited("tickets", new["tickets"])
    items = [_item(index, ticket) for index, ticket in enumerate(sent)]
    return _accepted(start_creation(g.session, items, _request(), read_idempotency_key(_accepted)))


@bulk.patch("/api/tickets/bulk")
@allowed(*EDITORS)
@bulk.arguments(BulkChange, example={"ids": [1, 2, 3], "change": {"status": "closed"}})
@bulk.response(202, JobView)
def patch_tickets(sent: dict[str, Any]) -> Response:
    """Change tickets by a job, with a result for each; `Location` is the job.

    An item whose `if_match` is not the ticket's ETag any more fails alone, with 412 `stale_version` as its problem.
    """
    target = _conditions(sent["filter"]) if "filter" in sent else _listed(sent)
    change = sent["change"]
    if "team" in change:
        change["team"] = NamedTeam(change["team"])
    key = read_idempotency_key(_accepted)
    return _accepted(start_change(g.session, target, Edit(**change), _request(), g.deps.directory, key))


def _item(index: int, sent: Any) -> Item:
    try:
        return Item(index, draft=with_requester(_new_ticket().load(sent)))
    except ValidationError as error:
        problem = ItemProblem(400, "invalid", "Some fields are not valid.", field_errors(error.messages))
        return Item(index, ItemStatus.FAILED, problem=problem)


def _listed(sent: Mapping[str, Any]) -> list[Item]:
    if "ids" in sent:
        return [Item(index, ticket_id=each) for index, each in enumerate(dict.fromkeys(_limited("ids", sent["ids"])))]
    items = enumerate(_limited("items", sent["items"]))
    return [Item(index, ticket_id=each["id"], if_match=each.get("if_match")) for index, each in items]


def _conditions(sent: Mapping[str, Any]) -> Filters:
    filters = filters_of(sent)
    if filters.match_all():
        message = "Give at least one condition; without one every ticket would be changed."
        raise Invalid(message, errors=[{"field": "filter", "message": message}])
    return filters


@cache
def _new_ticket() -> Schema:
    return NewTicket()


def _limited(name: str, items: Sequence[Any]) -> Sequence[Any]:
    most = g.deps.jobs.max_items
    if len(items) > most:
        message = f"At most {most} at once."
        raise Invalid(message, errors=[{"field": name, "message": message}])
    return items


def _request() -> JobRequest:
    limits = g.deps.jobs
    return JobRequest(request_context(), g.caller.subject, limits.max_items, limits.max_unfinished)


def _accepted(job: Job) -> Response:
    return json_response(job_view(job), 202, {"Location": f"/api/jobs/{job.id}"})
