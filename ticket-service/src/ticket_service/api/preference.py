"""`Prefer` (RFC 7240): whether and how long a response waits for the routing."""

import time
from dataclasses import dataclass

from flask import g, request

from ticket_service.api.visibility import reader
from ticket_service.domain.ticket import Ticket
from ticket_service.settings import MAX_WAIT_SECONDS
from ticket_service.usecases.read_ticket import read_ticket

ANSWERING_SECONDS = 0.2
"""The part of the request's deadline that is left for the response itself."""


@dataclass(frozen=True)
class Preference:
    """The caller's preferences; `wait_seconds` is None where the caller gives no `wait`."""

    respond_async: bool = False
    wait_seconds: int | None = None


def preference() -> Preference:
    """Return the `Prefer` headers of the current request; unknown preferences are ignored, as the RFC requires."""
    respond_async, wait_seconds = False, None
    for token in ",".join(request.headers.getlist("Prefer")).split(","):
        name, _, value = token.partition(";")[0].strip().partition("=")
        name, value = name.strip().lower(), value.strip().strip('"')
        if name == "respond-async":
            respond_async = True
        elif name == "wait" and wait_seconds is None and value.isascii() and value.isdigit():
            wait_seconds = min(int(value[:6]), MAX_WAIT_SECONDS)
    return Preference(respond_async, wait_seconds)


def await_routing(ticket: Ticket) -> tuple[Ticket, dict[str, str]]:
    """Wait for the routing that answers a stored ticket's newest routing request, or for any routing without one.

    Returns the ticket as it is afterwards and the headers with the applied preference.
    """
    wanted = preference()
    if wanted.respond_async and wanted.wait_seconds is None:
        return ticket, {"Preference-Applied": "respond-async"}
    explicit = wanted.wait_seconds is not None
    seconds = float(wanted.wait_seconds) if wanted.wait_seconds is not None else g.deps.create_wait_seconds
    if g.deadline is not None:
        seconds = min(seconds, g.deadline - time.time() - ANSWERING_SECONDS)
    routed = g.deps.waiter.wait(ticket.company_id, ticket.id, ticket.request_revision, seconds, explicit=explicit)
    if routed:
        ticket = read_ticket(g.deps.database, ticket.company_id, ticket.id, reader())
    applied = f"wait={wanted.wait_seconds}" if explicit and routed is not None else ""
    if wanted.respond_async:
        applied = f"respond-async, {applied}".rstrip(", ")
    return ticket, {"Preference-Applied": applied} if applied else {}
