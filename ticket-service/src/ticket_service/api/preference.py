"""`Prefer` (RFC 7240): whether and how long an answer waits for the routing."""

import time
from dataclasses import dataclass

from flask import g, request

from ticket_service.domain.ticket import Ticket
from ticket_service.parts import parts
from ticket_service.settings import LONGEST_WAIT_SECONDS
from ticket_service.usecases.read_ticket import read_ticket

ANSWERING_SECONDS = 0.2
"""Kept of the request's deadline for the answer itself."""


@dataclass(frozen=True)
class Preference:
    """What the caller prefers; None where they don't say how long to wait."""

    respond_async: bool = False
    wait_seconds: int | None = None


def preference() -> Preference:
    """Read the `Prefer` headers of the current request; what can't be understood is ignored, as the RFC wants it."""
    respond_async, wait_seconds = False, None
    for token in ",".join(request.headers.getlist("Prefer")).split(","):
        name, _, value = token.partition(";")[0].strip().partition("=")
        name, value = name.strip().lower(), value.strip().strip('"')
        if name == "respond-async":
            respond_async = True
        elif name == "wait" and wait_seconds is None and value.isascii() and value.isdigit():
            wait_seconds = min(int(value[:6]), LONGEST_WAIT_SECONDS)
    return Preference(respond_async, wait_seconds)


def await_routing(ticket: Ticket) -> tuple[Ticket, dict[str, str]]:
    """Wait for the routing that answers a stored ticket's newest wish, or for the first one where it has no wish.

    Returns the ticket as it is then and the headers that tell which preference was applied.
    """
    wanted = preference()
    if wanted.respond_async and wanted.wait_seconds is None:
        return ticket, {"Preference-Applied": "respond-async"}
    asked = wanted.wait_seconds is not None
    seconds = float(wanted.wait_seconds) if wanted.wait_seconds is not None else parts().create_wait_seconds
    if g.deadline is not None:
        seconds = min(seconds, g.deadline - time.time() - ANSWERING_SECONDS)
    routed = parts().waiter.wait(ticket.company_id, ticket.id, ticket.wish_revision, seconds, asked=asked)
    if routed:
        ticket = read_ticket(parts().database, ticket.company_id, ticket.id)
    applied = f"wait={wanted.wait_seconds}" if asked and routed is not None else ""
    if wanted.respond_async:
        applied = f"respond-async, {applied}".rstrip(", ")
    return ticket, {"Preference-Applied": applied} if applied else {}
