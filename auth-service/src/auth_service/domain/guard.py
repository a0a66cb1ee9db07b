"""The guard against guessing: how many tries a counter admits before a password or code is checked.

A try takes one of a counter's places before its check and gives it back when the check succeeds, so parallel tries
can't pass a limit. Tries that failed close the counter; tries that are still being checked only let others wait. A
closed counter admits nothing and counts nothing: further tries never prolong the time, which is fixed by the try that
closed it. A login counts on its name, its network and both together; a login from a known device counts on that device
alone: people who guess can close the name, but they never lock its owner out.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from auth_service.domain.invitation import MAX_PER_ADDRESS

FORGET_AFTER = timedelta(hours=1)
"""An open counter starts again after an hour without a try: no hour sees more tries than the limit."""
FORGET_CLOSED_AFTER = timedelta(days=1)
"""A counter that closed admits single tries, each for a longer time, until a day has passed after its last time."""

PENDING = timedelta(seconds=15)
"""How long a check can last. A try that has not ended by then counts as failed: its process died."""


class Kind(Enum):
    """The counters, each with its limit: (tries, seconds closed by the last of them, longest time in seconds)."""

    NAME = ("name", 10, 3600, 86_400)
    NAME_AT_NETWORK = ("name at network", 5, 1, 60)
    NETWORK = ("network", 100, 1, 60)
    DEVICE = ("device", 10, 3600, 86_400)
    PASSWORD = ("password", 5, 900, 900)
    """Of a person who is signed in and proves it once more."""
    SECOND_FACTOR = ("second factor", 5, 900, 900)
    RECOVERY_CODE = ("recovery code", 5, 900, 900)
    """Apart: codes that somebody guesses must not keep their owner's recovery codes out."""
    TAKEN_ADDRESS = ("taken address", 10, 60, 3600)
    """People who are registered or added with addresses that have an account, which the answer must tell."""
    RESET_REQUEST = ("reset request", 3, 3600, 86_400)
    """Requests for a new password, for known and unknown names alike."""
    INVITED_ADDRESS = ("invited address", MAX_PER_ADDRESS, 86_400, 86_400, timedelta(days=1))
    """Mails to an address that companies invite, so that nobody floods it: no day sees more."""

    def __init__(
        self, label: str, max_tries: int, first_seconds: int, max_seconds: int, forget_after: timedelta = FORGET_AFTER
    ) -> None:
        self.label = label
        self.max_tries = max_tries
        self.first_seconds = first_seconds
        self.max_seconds = max_seconds
        self.forget_after = forget_after


@dataclass(frozen=True)
class Key:
    """A counter's kind and the digest of what it counts; the digest is keyed, so that the table names nobody."""

    kind: Kind
    digest: bytes


@dataclass(frozen=True)
class Counter:
    """The tries that failed, and those that are being checked."""

    tries: int = 0
    pending: int = 0
    raised_at: datetime | None = None
    """When the newest try was admitted."""
    closed_until: datetime | None = None


def raised(kind: Kind, counter: Counter, now: datetime) -> Counter | None:
    """Return the counter with one more try that is being checked, None where it is closed or has no place."""
    current = _current(kind, counter, now)
    # A counter that has closed before admits one try at a time.
    places = max(kind.max_tries - current.tries, 1)
    if _is_closed(current, now) or current.pending >= places:
        return None
    return replace(current, pending=current.pending + 1, raised_at=now)


def lowered(counter: Counter) -> Counter:
    """Return the counter without a try that succeeded, or that was not checked."""
    return replace(counter, pending=max(counter.pending - 1, 0))


def failed(kind: Kind, counter: Counter, now: datetime) -> Counter:
    """Return the counter after the failure of a try, which closes it from the limit on."""
    if counter.pending == 0:  # it ended late and counts as failed already, or the counter was forgotten meanwhile
        return counter
    return _with_failures(kind, counter, 1, now)


@dataclass(frozen=True)
class Decision:
    """The outcome of one try: the counters to store, or those that are closed."""

    counters: Mapping[Key, Counter]
    closed: frozenset[Kind] = frozenset()
    retry_after_seconds: int = 0
    is_busy: bool = False
    """Whether no counter is closed, and tries that are being checked have the last places of one."""

    @property
    def admitted(self) -> bool:
        """Return whether the try may be checked."""
        return not self.closed and not self.is_busy


def decide(counters: Mapping[Key, Counter], now: datetime) -> Decision:
    """Raise all counters of a try, or none where one of them is closed or has no place."""
    after = {key: raised(key.kind, counter, now) for key, counter in counters.items()}
    open_ones = {key: counter for key, counter in after.items() if counter is not None}
    if len(open_ones) == len(after):
        return Decision(open_ones)
    current = {key: _current(key.kind, counters[key], now) for key, counter in after.items() if counter is None}
    ends = {key.kind: counter.closed_until for key, counter in current.items() if _is_closed(counter, now)}
    if not ends:
        return Decision({}, is_busy=True)
    seconds = max(int((end - now).total_seconds()) for end in ends.values() if end is not None) + 1
    return Decision({}, frozenset(ends), seconds)


class GuardKeys:
    """Makes the keys of counters. They are keyed digests: the table shows neither names nor addresses."""

    def __init__(self, secret: bytes) -> None:
        """`secret` is the service's secret of 32 bytes; the key for digests is derived from it."""
        self._secret = hmac.digest(secret, b"smart-ticket guard", hashlib.sha256)

    def of_login(self, name: bytes, address: str, device: bytes | None) -> tuple[Key, ...]:
        """Return the counters of a login: of a known device that device alone, else name, network and both.

        `name` is the digest of the normalised address of the user, who need not exist; `device` the id of a known one.
        """
        if device is not None:
            return (self._key(Kind.DEVICE, name, device),)
        network = network_of(address).encode()
        return (
            self._key(Kind.NAME, name),
            self._key(Kind.NAME_AT_NETWORK, name, network),
            self._key(Kind.NETWORK, network),
        )

    def of_name(self, name: bytes) -> tuple[Key, ...]:
        """Return the counter of a name that people log in by."""
        return (self._key(Kind.NAME, name),)

    def of_reset_request(self, name: bytes) -> tuple[Key, ...]:
        """Return the counter of requests for a new password by a name, which need not exist."""
        return (self._key(Kind.RESET_REQUEST, name),)

    def of_invited_address(self, name: bytes) -> tuple[Key, ...]:
        """Return the counter of the mails by which all companies invite an address."""
        return (self._key(Kind.INVITED_ADDRESS, name),)

    def of_taken_address(self, address: str, company_id: int | None) -> tuple[Key, ...]:
        """Return the counters of refused addresses: of the caller's network, and of the company that adds people."""
        network = self._key(Kind.TAKEN_ADDRESS, network_of(address).encode())
        if company_id is None:
            return (network,)
        return (network, self._key(Kind.TAKEN_ADDRESS, b"company", str(company_id).encode()))

    def of_network(self, address: str) -> tuple[Key, ...]:
        """Return the counter of a network, for tokens that nobody can guess."""
        return (self._key(Kind.NETWORK, network_of(address).encode()),)

    def of_password(self, company_id: int, user_id: int) -> tuple[Key, ...]:
        """Return the counter of the current password of a user who is signed in."""
        return (self._key(Kind.PASSWORD, f"{company_id}:{user_id}".encode()),)

    def of_second_factor(self, company_id: int, user_id: int, *, recovery: bool = False) -> tuple[Key, ...]:
        """Return the counter of a user's one-time codes, or of the recovery codes."""
        kind = Kind.RECOVERY_CODE if recovery else Kind.SECOND_FACTOR
        return (self._key(kind, f"{company_id}:{user_id}".encode()),)

    def _key(self, kind: Kind, *parts: bytes) -> Key:
        message = b"".join(len(part).to_bytes(4, "big") + part for part in (kind.label.encode(), *parts))
        return Key(kind, hmac.digest(self._secret, message, hashlib.sha256))


def network_of(address: str) -> str:
    """Return the network that counts as one source: /24 of IPv4, /48 of IPv6; other texts are one source together."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    prefix = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed.packed, prefix), strict=False))


def _current(kind: Kind, counter: Counter, now: datetime) -> Counter:
    """Return the counter as it is now: tries that never ended have failed, and old ones are forgotten."""
    if counter.pending and counter.raised_at is not None and now >= counter.raised_at + PENDING:
        counter = _with_failures(kind, counter, counter.pending, counter.raised_at + PENDING)
    return Counter() if _forgotten(kind, counter, now) else counter


def _with_failures(kind: Kind, counter: Counter, number: int, now: datetime) -> Counter:
    tries, pending = counter.tries + number, counter.pending - number
    beyond = tries - kind.max_tries
    if beyond < 0:
        return replace(counter, tries=tries, pending=pending)
    # The shift is bounded, so that a large number of tries overflows nothing.
    seconds = min(kind.max_seconds, kind.first_seconds << min(beyond, 32))
    return replace(counter, tries=tries, pending=pending, closed_until=now + timedelta(seconds=seconds))


def _is_closed(counter: Counter, now: datetime) -> bool:
    return counter.closed_until is not None and now < counter.closed_until


def _forgotten(kind: Kind, counter: Counter, now: datetime) -> bool:
    if counter.raised_at is None:
        return True
    if counter.closed_until is not None:
        return now >= counter.closed_until + FORGET_CLOSED_AFTER
    return now >= counter.raised_at + kind.forget_after
