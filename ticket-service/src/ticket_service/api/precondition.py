"""The version of a ticket that the caller expects, and the ETag that names it."""

from service_kit.http.precondition import etag, if_match

from ticket_service.domain.ticket import Expected, Ticket


def expected(version: int | None = None) -> Expected:
    """Return the version that the caller expects, from `If-Match` and the body's `version`; raise Invalid."""
    return Expected(if_match(), version)


def tag_of(ticket: Ticket) -> str:
    """Return a ticket's ETag: its version, marked where it is unread, which changes without a new version.

    Only the version counts for `If-Match`.
    """
    return etag(f"{ticket.version}-unread" if ticket.unread else ticket.version)
