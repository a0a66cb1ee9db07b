"""`/api/ai/costs`: usage and cost of paid models, per day, per ticket or per call."""

from datetime import date, datetime
from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.problems import Invalid
from service_kit.identity import ADMIN, MANAGER

from ai_service.usecases.report_costs import BY_CALL, BY_DAY, BY_TICKET, report_costs

MAX_DAYS = 366
DEFAULT_DAYS = 30
MAX_TICKET_ID = 2**63 - 1

costs = Blueprint("costs", __name__, description="Usage and cost of paid models.")


class CostsQuery(PageQuery):
    """The period, and whether a row is a day, a ticket or a call."""

    days = fields.Integer(
        load_default=DEFAULT_DAYS,
        validate=validate.Range(1, MAX_DAYS),
        metadata={"description": "Days up to today, in UTC."},
    )
    by = fields.String(
        load_default=BY_DAY,
        validate=validate.OneOf([BY_DAY, BY_TICKET, BY_CALL]),
        metadata={"description": "day: a row per day of UTC and model; ticket: per ticket; call: per call"},
    )
    ticket_id = fields.Integer(
        load_default=None,
        validate=validate.Range(1, MAX_TICKET_ID),
        metadata={"description": "Only this ticket's calls; with by=ticket or by=call."},
    )


class CostView(Schema):
    """The usage of a day and model, of a ticket or of a call."""

    day = fields.Date(metadata={"description": "by=day"})
    id = fields.Integer(metadata={"description": "by=call"})
    at = fields.AwareDateTime(metadata={"description": "by=call"})
    ticket_id = fields.Integer(
        allow_none=True,
        metadata={"description": "by=ticket, by=call; null: of no ticket, or of a deleted one"},
    )
    purpose = fields.String(metadata={"description": "by=call"})
    request_id = fields.String(allow_none=True, metadata={"description": "by=call; the model provider's"})
    model = fields.String(metadata={"description": "by=day and by=call"})
    calls = fields.Integer(required=True)
    unpriced_calls = fields.Integer(required=True, metadata={"description": "calls without a known price"})
    input_tokens = fields.Integer(required=True)
    output_tokens = fields.Integer(required=True)
    cache_read_tokens = fields.Integer(required=True)
    cache_write_tokens = fields.Integer(required=True)
    cost_usd = fields.Float(required=True, allow_none=True, metadata={"description": "null where no call has a price"})


class BudgetView(Schema):
    """A budget and its rest."""

    limit_usd = fields.Float(required=True, allow_none=True)
    spent_usd = fields.Float(required=True)
    left_usd = fields.Float(required=True, allow_none=True)


class BudgetsView(Schema):
    """The budgets of this day and this month."""

    daily = fields.Nested(BudgetView, required=True)
    monthly = fields.Nested(BudgetView, required=True)


class Costs(PageView):
    """A page of usage and cost, newest first, and the sums of all pages."""

    days = fields.Integer(required=True)
    by = fields.String(required=True)
    items = fields.List(fields.Nested(CostView), required=True)
    cost_usd = fields.Float(required=True, metadata={"description": "of all the days asked for"})
    unpriced_calls = fields.Integer(required=True, metadata={"description": "of all the days asked for"})
    budget = fields.Nested(BudgetsView, required=True)


CURSORS: dict[str, tuple[type, ...]] = {BY_DAY: (str, str), BY_TICKET: (int,), BY_CALL: (datetime, int)}


@costs.get("/api/ai/costs")
@allowed(MANAGER, ADMIN)
@costs.arguments(CostsQuery, location="query")
@costs.response(200, Costs)
def get_costs(query: dict[str, Any]) -> Response:
    """Show usage and cost of paid models, newest first, and the rest of the budgets."""
    by, limit, ticket = query["by"], query["limit"], query["ticket_id"]
    if ticket is not None and by == BY_DAY:
        message = "by=day has no tickets; use by=ticket or by=call."
        raise Invalid(message, errors=[{"field": "ticket_id", "message": message}])
    before = _before(decode_cursor(query["cursor"], CURSORS[by]), by)
    found = report_costs(
        g.session, g.caller.company_id, query["days"], by=by, ticket=ticket, before=before, limit=limit + 1
    )
    rows = found.pop("items")
    body, headers = page(rows, limit, lambda row: _cursor(row, by), "items", rows)
    return json_response({**found, **body, "by": by}, headers=headers)


def _cursor(row: dict[str, Any], by: str) -> tuple[Any, ...]:
    if by == BY_DAY:
        return row["day"].isoformat(), row["model"]
    return (row["ticket_id"],) if by == BY_TICKET else (row["at"], row["id"])


def _before(cursor: tuple[Any, ...] | None, by: str) -> tuple[Any, ...] | None:
    if cursor is None or by != BY_DAY:
        return cursor
    try:
        return date.fromisoformat(cursor[0]), cursor[1]
    except ValueError as error:
        message = "Not a cursor; leave it out to begin with the first page."
        raise Invalid("The cursor is not valid.", errors=[{"field": "cursor", "message": message}]) from error
