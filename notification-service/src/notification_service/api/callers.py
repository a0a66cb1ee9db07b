"""The caller of a request as a person who is notified."""

from flask import g

from notification_service.domain.people import number_of
from notification_service.domain.preferences import NoPerson

NOBODY = 0
"""The number that no person has: a program without an account has no notifications."""


def person() -> int:
    """Return the caller's number, NOBODY for a program without an account."""
    return number_of(g.caller.subject) or NOBODY


def account() -> int:
    """Return the caller's number; raise NoPerson for a program without an account."""
    found = number_of(g.caller.subject)
    if found is None:
        raise NoPerson
    return found
