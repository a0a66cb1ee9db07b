"""`/api/workflows/{id}/dry-run`."""

from dataclasses import asdict
from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.reservation import reads
from service_kit.identity import ADMIN, MANAGER

from workflow_service.api.fields import number
from workflow_service.api.workflow_content import content_of
from workflow_service.api.workflow_schemas import WorkflowBody
from workflow_service.domain.clocks import KINDS
from workflow_service.domain.replay import Difference, Replayed
from workflow_service.usecases.dry_run import DryRun, DryRunOrder, dry_run

dry_runs = Blueprint("dry_runs", __name__, description="What a workflow would have done to the tickets of the past.")

MAX_DAYS = 366


class DryRunBody(Schema):
    """The days to replay; a changed definition, or another calendar, instead of the stored one."""

    days = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_DAYS))
    definition = fields.Nested(WorkflowBody, metadata={"description": "A body of PUT. Nothing of it is stored."})
    calendar_id = number(allow_none=True, metadata={"description": "Null counts every hour."})


class DifferenceView(Schema):
    """A number as it would have been, and as it was."""

    would = fields.Integer(required=True)
    did = fields.Integer(required=True)


class MatchedView(DifferenceView):
    """The tickets that the workflow takes; gained ones it did not take, lost ones it would not."""

    gained = fields.Integer(required=True)
    lost = fields.Integer(required=True)


class BreachesView(DifferenceView):
    """The breaches of one kind of clock."""

    clock = fields.String(required=True)


class LoadView(DifferenceView):
    """The tasks that a person would have got first, and those that the person did get; null is nobody."""

    assigned_user = fields.String(required=True, allow_none=True)


class ReplayedView(Schema):
    """A ticket with another match or other breaches. The clocks are those breached."""

    ticket_id = fields.Integer(required=True)
    task_id = fields.Integer(required=True, allow_none=True)
    would_match = fields.Boolean(required=True)
    did_match = fields.Boolean(required=True)
    would_breach = fields.List(fields.String(), required=True)
    did_breach = fields.List(fields.String(), required=True)


class DryRunView(Schema):
    """The result of a dry run. Breaches and load are those of the tickets that it would take."""

    workflow_id = fields.Integer(required=True)
    days = fields.Integer(required=True)
    since = fields.DateTime(required=True)
    tickets = fields.Integer(required=True)
    truncated = fields.Boolean(required=True, metadata={"description": "Whether older tickets were left out."})
    matched = fields.Nested(MatchedView, required=True)
    unmatched = fields.Nested(DifferenceView, required=True)
    breaches = fields.List(fields.Nested(BreachesView), required=True)
    breached_tickets = fields.Nested(DifferenceView, required=True)
    load = fields.List(fields.Nested(LoadView), required=True)
    examples = fields.List(fields.Nested(ReplayedView), required=True)


@dry_runs.post("/api/workflows/<int:workflow_id>/dry-run")
@allowed(MANAGER, ADMIN)
@dry_runs.arguments(DryRunBody, example={"days": 30})
@dry_runs.response(200, DryRunView)
@reads
def run_dry(body: dict[str, Any], workflow_id: int) -> Response:
    """Replay the tickets of the last days by a workflow, and store nothing."""
    content = content_of(body["definition"]) if "definition" in body else None
    order = DryRunOrder(body["days"], content, (body["calendar_id"],) if "calendar_id" in body else None)
    found = dry_run(g.session, g.caller.company_id, workflow_id, order, max_tickets=g.deps.dry_run_tasks)
    return json_response(_view(found, body["days"]))


def _view(found: DryRun, days: int) -> dict[str, Any]:
    report, workflow_id = found.report, found.workflow.id
    none = Difference(0, 0)
    return {
        "workflow_id": workflow_id,
        "days": days,
        "since": found.since,
        "tickets": report.tickets,
        "truncated": found.is_truncated,
        "matched": {**asdict(report.matched), "gained": report.gained, "lost": report.lost},
        "unmatched": asdict(report.unmatched),
        "breaches": [{"clock": kind, **asdict(report.breaches.get(kind, none))} for kind in KINDS],
        "breached_tickets": asdict(report.breached_tickets),
        "load": [{"assigned_user": email, **asdict(numbers)} for email, numbers in report.load],
        "examples": [_example(each, workflow_id) for each in report.examples],
    }


def _example(each: Replayed, workflow_id: int) -> dict[str, Any]:
    return {
        "ticket_id": each.past.ticket_id,
        "task_id": each.past.task_id,
        "would_match": each.workflow_id == workflow_id,
        "did_match": each.past.workflow_id == workflow_id,
        "would_breach": sorted(each.breaches),
        "did_breach": sorted(each.past.breaches),
    }
