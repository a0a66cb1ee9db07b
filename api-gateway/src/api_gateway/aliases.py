"""Aliases: paths of older systems that the gateway accepts.

`make docs` writes `docs/coming-from.md` from this list. The request body is that of the target, except for the names of
its fields. So is the response, except where `answer` renames fields too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service_kit.http.problems import Invalid


@dataclass(frozen=True)
class Alias:
    """One route of an older system and its target here. Path parameters have the names of the target's."""

    came_from: str
    method: str
    pattern: str
    to_method: str
    to_pattern: str
    query: Mapping[str, str] = field(default_factory=dict)
    """Renamed query fields: theirs → ours."""
    numbered_pages: bool = False
    """The older system numbers pages: `page=1` is accepted, any other page is 400."""
    body: bytes | None = None
    """A fixed body for the target; the client's must be empty."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Renamed body fields: theirs → ours."""
    answer: Mapping[str, str] = field(default_factory=dict)
    """The fields of a successful response, without the others: theirs → ours."""
    as_text: frozenset[str] = frozenset()
    """Fields (by our names) that are numbers there and text here."""
    company: str = ""
    """The path parameter or body field that must be the caller's company id; else 404."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Path parameters that become query fields of the target: theirs → ours."""


DJANGO, FLOW, TRACKER = "Ticketing Microservices Backend", "Ticket Flow", "Ticket Tracking System"
MICROSERVICES = "Smart Ticket System - Microservices Architecture"  # all its addresses are ours: no aliases
PAGE = {"page_size": "limit"}
LATER_PAGE = "Pages have no numbers here; send `next` of the page before as `cursor`."
TEAM_FIELDS = {"category": "name"}
REFRESH = {"refresh": "refresh_token"}
TOKEN_PAIR = {"access": "access_token", "refresh": "refresh_token"}


def _list(came_from: str, pattern: str, to_pattern: str, **more: Any) -> Alias:
    return Alias(came_from, "GET", pattern, "GET", to_pattern, PAGE, numbered_pages=True, **more)


ALIASES = (
    _list(DJANGO, "/ticket/List", "/api/tickets"),
    Alias(
        DJANGO, "POST", "/ticket/create", "POST", "/tickets",
        fields={"title": "subject", "description": "body", "client": "customer_id"}, as_text=frozenset({"customer_id"}),
        company="company",
    ),
    _list(DJANGO, "/ticket/client-Tickets/{client_id}", "/api/tickets", parameters={"client_id": "customer_id"}),
    _list(DJANGO, "/ticket/assign-team-Tickets/{team_id}", "/api/tickets", parameters={"team_id": "team_id"}),
    _list(DJANGO, "/ticket/company-Tickets/{company_id}", "/api/tickets", company="company_id"),
    Alias(DJANGO, "PUT", "/ticket/update/{ticket_id}", "PUT", "/api/tickets/{ticket_id}"),
    Alias(DJANGO, "DELETE", "/ticket/delete/{ticket_id}", "DELETE", "/api/tickets/{ticket_id}"),
    Alias(
        DJANGO, "POST", "/ticket/Ticket-In-Progress/{ticket_id}", "PUT", "/api/tickets/{ticket_id}/status",
        body=b'{"status":"in_progress"}',
    ),
    Alias(
        DJANGO, "POST", "/ticket/Ticket-To-Done/{ticket_id}", "PUT", "/api/tickets/{ticket_id}/status",
        body=b'{"status":"resolved"}',
    ),
    Alias(DJANGO, "POST", "/authentication/login", "POST", "/api/auth/login", answer={"token": "access_token"}),
    _list(DJANGO, "/company/List", "/api/companies"),
    _list(DJANGO, "/company/company", "/api/companies"),
    Alias(DJANGO, "GET", "/company/search/{company_id}", "GET", "/api/companies/{company_id}"),
    Alias(DJANGO, "PUT", "/company/update/{company_id}", "PUT", "/api/companies/{company_id}"),
    _list(DJANGO, "/team/List", "/api/teams"),
    _list(DJANGO, "/team/team/{company_id}", "/api/teams", company="company_id"),
    Alias(DJANGO, "GET", "/team/search/{team_id}", "GET", "/api/teams/{team_id}"),
    Alias(DJANGO, "POST", "/team/create", "POST", "/api/teams", fields=TEAM_FIELDS, company="company"),
    Alias(
        DJANGO, "PUT", "/team/update/{team_id}", "PUT", "/api/teams/{team_id}", fields=TEAM_FIELDS, company="company"
    ),
    Alias(DJANGO, "DELETE", "/team/delete/{team_id}", "DELETE", "/api/teams/{team_id}"),
    Alias(DJANGO, "GET", "/analysis/analysis/{company_id}", "GET", "/api/dashboard/summary", company="company_id"),
    _list(FLOW, "/tickets", "/api/tickets"),
    Alias(FLOW, "GET", "/dashboard/stats", "GET", "/api/dashboard/summary"),
    Alias(TRACKER, "GET", "/audit", "GET", "/api/audit"),
    Alias(
        TRACKER, "GET", "/workflows", "GET", "/api/workflows", query=PAGE | {"status": "state"}, numbered_pages=True
    ),
    Alias(TRACKER, "GET", "/workflows/{workflow_id}", "GET", "/api/workflows/{workflow_id}"),
    Alias(TRACKER, "POST", "/workflows/{workflow_id}/deploy", "POST", "/api/workflows/{workflow_id}/deploy"),
    _list(TRACKER, "/tasks", "/api/tasks"),
    _list(TRACKER, "/tasks/my-tasks", "/api/tasks/mine"),
    Alias(TRACKER, "GET", "/tasks/{task_id}", "GET", "/api/tasks/{task_id}"),
    Alias(TRACKER, "PATCH", "/tasks/{task_id}", "PATCH", "/api/tasks/{task_id}"),
    Alias(TRACKER, "GET", "/api/schema", "GET", "/openapi.json"),
    Alias(TRACKER, "POST", "/token", "POST", "/api/auth/login", fields={"username": "email"}, answer=TOKEN_PAIR),
    Alias(TRACKER, "POST", "/token/refresh", "POST", "/api/auth/refresh", fields=REFRESH, answer=TOKEN_PAIR),
    Alias(TRACKER, "POST", "/logout", "POST", "/api/auth/logout", fields=REFRESH),
)  # fmt: skip


def renamed_query(query: str, names: Mapping[str, str], *, numbered_pages: bool = False) -> str:
    """Return a query with its fields renamed; `query` is encoded already. Raises Invalid for `page=2` and later."""
    if not query or not (names or numbered_pages):
        return query
    fields = [part.partition("=") for part in query.split("&")]
    if numbered_pages:
        if any(name == "page" and value != "1" for name, _, value in fields):
            raise Invalid(LATER_PAGE, errors=[{"field": "page", "message": LATER_PAGE}])
        fields = [part for part in fields if part[0] != "page"]
    return "&".join(f"{names.get(name, name)}{equals}{value}" for name, equals, value in fields)
