"""The other spellings: addresses under which older systems were asked for what this one has.

`docs/coming-from.md` is made from here (python -m api_gateway.coming_from). An alias stands here only when its target
is built; the body and the answer are always those of the target.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service_kit.http.problems import Invalid


@dataclass(frozen=True)
class Alias:
    """One address of an older system and what it means here. Parameters have the names of the target's."""

    came_from: str
    method: str
    pattern: str
    to_method: str
    to_pattern: str
    query: Mapping[str, str] = field(default_factory=dict)
    """Query fields by other names: theirs → ours."""
    numbered_pages: bool = False
    """The list has pages with numbers there: `page=1` is the first page here too, another is 400."""
    body: bytes | None = None
    """The body the target needs, where the other address says it all."""


DJANGO, FLOW, TRACKER = "Ticketing Microservices Backend", "Ticket Flow", "Ticket Tracking System"
MICROSERVICES = "Smart Ticket System - Microservices Architecture"  # all its addresses are ours: no aliases
PAGE = {"page_size": "limit"}
LATER_PAGE = "Pages have no numbers here; send `next` of the page before as `cursor`."

ALIASES = (
    Alias(DJANGO, "GET", "/ticket/List", "GET", "/api/tickets", PAGE, numbered_pages=True),
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
    Alias(FLOW, "GET", "/tickets", "GET", "/api/tickets", PAGE, numbered_pages=True),
    Alias(TRACKER, "GET", "/api/schema", "GET", "/openapi.json"),
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
