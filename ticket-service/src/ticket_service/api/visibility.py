"""Limits a requester to its own tickets and to fields that are not internal; other roles see the whole company."""

from collections.abc import Mapping
from typing import Any

from flask import g
from service_kit.http.problems import Forbidden, NotFound
from service_kit.identity import REQUESTER, SERVICE

STAFF_FILTERS = ("team", "team_id", "assignee", "need_admin")
"""Filters by fields that requesters don't see: their results would tell the values."""


def own_tickets_of() -> str | None:
    """Return the requester to whose tickets the caller is limited, None for a caller who sees the whole company."""
    return str(g.caller.subject) if g.caller.role == REQUESTER else None


def reader() -> str:
    """Return the person who reads, as trails name it; '' for a service, which marks nothing as read."""
    return "" if g.caller.role == SERVICE else f"person:{g.caller.subject}"


def check_filters(query: Mapping[str, Any]) -> None:
    """Raise Forbidden where a requester filters or sorts by a field that requesters don't see."""
    if own_tickets_of() is None:
        return
    for name in STAFF_FILTERS:
        if query[name] not in ((), [], None):
            raise Forbidden(f"The role {REQUESTER} may not filter by {name}.")
    if query["sort"] == "due":
        raise Forbidden(f"The role {REQUESTER} may not sort by due.")


def with_requester(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a new ticket; a calling requester owns it, and the identity gives name and address."""
    own = own_tickets_of()
    if own is None:
        return dict(sent)
    return {**sent, "user_name": g.caller.name or None, "user_email": g.caller.email or None, "customer_id": own}


def with_customer(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a customer's ticket; a calling requester is the customer.

    Raises NotFound where a requester names another customer.
    """
    own = own_tickets_of()
    if own is not None and sent.get("customer_id", own) != own:
        raise NotFound("There is no such customer.", code="customer_not_found")
    return dict(sent) if own is None else {**sent, "customer_id": own}
