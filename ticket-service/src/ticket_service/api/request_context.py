"""The context of the current request for use cases."""

from flask import g
from service_kit.identity import SERVICE

from ticket_service.usecases.request_context import RequestContext


def request_context() -> RequestContext:
    """Return the context of the current HTTP request."""
    caller = g.caller
    actor = caller.subject if caller.role == SERVICE else f"person:{caller.subject}"
    return RequestContext(caller.company_id, actor, g.cause)
