"""Who is asking, as use cases want to know it."""

from flask import g
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE

from ticket_service.usecases.origin import Origin

CREATORS = (REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
READERS = (AGENT, MANAGER, ADMIN, SERVICE)
EDITORS = (AGENT, MANAGER, ADMIN)


def origin() -> Origin:
    """Describe the caller of the current request."""
    caller = g.caller
    actor = caller.subject if caller.role == SERVICE else f"person:{caller.subject}"
    return Origin(caller.company_id, actor, g.cause)
