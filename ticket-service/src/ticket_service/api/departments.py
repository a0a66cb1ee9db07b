"""`/api/departments/{name}/tickets`."""

from typing import Any

from flask import Response, g
from service_kit.http.blueprint import Blueprint
from service_kit.http.policy import allowed
from service_kit.http.problems import NotFound

from ticket_service.api.roles import TICKET_READERS
from ticket_service.api.schemas import StatusQuery
from ticket_service.api.tickets import page_of_tickets
from ticket_service.api.views import TicketsView
from ticket_service.api.visibility import reader
from ticket_service.domain.departments import all_names
from ticket_service.store import departments as stored
from ticket_service.store.listing import Filters

departments = Blueprint("department_tickets", __name__, description="Tickets by department")


@departments.get("/api/departments/<path:name>/tickets")
@allowed(*TICKET_READERS)
@departments.arguments(StatusQuery, location="query")
@departments.response(200, TicketsView)
def list_department_tickets(query: dict[str, Any], name: str) -> Response:
    """List a department's tickets, newest first; a requester's list holds its own."""
    if name not in all_names(stored.all_of(g.session, g.caller.company_id)):
        raise NotFound("There is no such department.", code="department_not_found")
    return page_of_tickets(Filters(status=query["status"], department=(name,), reader=reader()), query)
