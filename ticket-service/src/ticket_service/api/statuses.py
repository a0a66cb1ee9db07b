"""The statuses a ticket can have."""

from flask import Response
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import public

from ticket_service.api.views import StatusesView
from ticket_service.domain.enums import Status

statuses = Blueprint("statuses", __name__, description="Vocabulary")


@statuses.get("/api/statuses")
@public
@statuses.response(200, StatusesView)
def list_statuses() -> Response:
    """List the statuses a ticket can have."""
    return json_response({"statuses": list(Status)})
