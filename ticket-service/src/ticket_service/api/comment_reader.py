"""The current caller as a reader of comments."""

from flask import g
from service_kit.identity import ADMIN

from ticket_service.api.request_context import request_context
from ticket_service.api.visibility import own_tickets_of
from ticket_service.domain.comments import Reader


def comment_reader() -> Reader:
    """Return the current caller as a reader of comments."""
    return Reader(request_context().actor, own_tickets_of(), is_admin=g.caller.role == ADMIN)
