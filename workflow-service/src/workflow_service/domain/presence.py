"""Whether a person takes new work."""

from datetime import datetime, timedelta
from typing import NamedTuple

MAX_LEASE = timedelta(days=366)


class NoAddress(Exception):
    """The caller has no e-mail address, and members of teams are known by theirs."""

    def __init__(self) -> None:
        super().__init__("Your account has no e-mail address, by which teams know their members.")


class BadLease(Exception):
    """The end of a presence is not valid."""

    def __init__(self, message: str) -> None:
        super().__init__("Some fields are not valid.")
        self.errors = [{"field": "until", "message": message}]


class Presence(NamedTuple):
    """Whether a person is available, and until when that holds; the opposite holds afterwards."""

    available: bool
    until: datetime | None
    since: datetime
    """When the person became available or absent; a renewed lease leaves it."""


def is_available(presence: Presence | None, now: datetime) -> bool:
    """Return whether a person takes new work; people without a presence are available."""
    if presence is None:
        return True
    if presence.until is None or now < presence.until:
        return presence.available
    return not presence.available


def available_since(presence: Presence | None, now: datetime) -> datetime | None:
    """Return since when an available person has been so; None for always, and for absent people."""
    if presence is None or not is_available(presence, now):
        return None
    return presence.since if presence.available else presence.until


def check_lease(until: datetime | None, now: datetime) -> None:
    """Raise BadLease for an end in the past or beyond a year."""
    if until is not None and until <= now:
        raise BadLease("Must lie in the future.")
    if until is not None and until > now + MAX_LEASE:
        raise BadLease(f"At most {MAX_LEASE.days} days ahead.")
