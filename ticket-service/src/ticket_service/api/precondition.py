"""The version of a ticket that the caller expects."""

from service_kit.http.precondition import if_match

from ticket_service.domain.ticket import Expected


def expected(version: int | None = None) -> Expected:
    """Return the version that the caller expects, from `If-Match` and the body's `version`; raise Invalid."""
    return Expected(if_match(), version)
