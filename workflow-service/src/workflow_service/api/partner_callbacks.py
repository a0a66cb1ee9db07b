"""`/webhooks/partners`: answers that partners send by themselves, signed."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from company_kit.actor import SERVICE_KIND, act_as
from flask import Response, g, request
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.context import client_address
from service_kit.http.policy import public
from service_kit.http.problems import NotFound, Unauthorized
from service_kit.telemetry.logs import get_logger

from workflow_service.domain.callback_signature import BadSignature, check
from workflow_service.domain.external import ASSET, BUDGET, STATES
from workflow_service.domain.partner_answers import parse
from workflow_service.usecases.take_callback import Callback, take_callback

KINDS = {"ams": ASSET, "bms": BUDGET}
KEY = r"[1-9][0-9]{0,17}:[1-9][0-9]{0,17}"

partner_callbacks = Blueprint("partner_callbacks", __name__, description="Answers that AMS and BMS send by themselves.")

log = get_logger(__name__)


class CallbackBody(Schema):
    """A partner's answer, and the request that it is about."""

    request = fields.String(
        required=True,
        validate=validate.Regexp(f"{KEY}\\Z", error="Must be the Idempotency-Key with which the partner was asked."),
        metadata={"description": "The Idempotency-Key with which the partner was asked."},
    )
    answer = fields.Dict(
        required=True, metadata={"description": "The answer, in the form in which the partner answers at once."}
    )


class CallbackView(Schema):
    """The request's state: `approved` and `refused` are final."""

    request = fields.String(required=True, metadata={"description": "Its Idempotency-Key."})
    state = fields.String(required=True, validate=validate.OneOf(STATES))


def signed(view: Callable[..., Response]) -> Callable[..., Response]:
    """Refuse what the partner has not signed, before anything of it is read."""

    @wraps(view)
    def checked(*args: Any, **parameters: Any) -> Response:
        settings = g.deps.callbacks
        keys = settings.keys.get(parameters["partner"])
        if not keys:
            raise NotFound("There is nothing at this address.")
        try:
            check(
                {name.lower(): value for name, value in request.headers.items()},
                request.get_data(),
                keys,
                now=datetime.now(UTC),
                tolerance=settings.tolerance,
            )
        except BadSignature as error:
            log.warning("callback of a partner refused", partner=parameters["partner"], reason=str(error))
            raise Unauthorized(str(error), code="bad_signature") from error
        return view(*args, **parameters)

    return checked


@partner_callbacks.post("/webhooks/partners/<partner>")
@public
@signed
@partner_callbacks.arguments(
    CallbackBody,
    example={"request": "12:7", "answer": {"status": "reserved", "reservation_id": "R-1", "asset_id": "A1"}},
)
@partner_callbacks.response(200, CallbackView)
def take_answer(body: dict[str, Any], partner: str) -> Response:
    """Take the answer of `ams` or `bms` to a request; one that is decided stays as it is.

    Signed as Standard Webhooks has it: `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    """
    act_as(SERVICE_KIND, partner, ip=client_address(), request_id=g.cause.request_id)
    # Read anew: numbers with a fraction stay as text, as in the answers that come at once.
    answer = parse(request.get_data())["answer"]
    callback = Callback(partner, KINDS[partner], body["request"], answer)
    stored = take_callback(g.deps.database, callback, g.cause)
    return json_response({"request": stored.idempotency_key, "state": stored.state})
