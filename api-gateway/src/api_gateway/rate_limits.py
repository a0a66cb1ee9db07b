"""Requests per second, per address, user and company; logins per minute, per account and address.

Exact within one process, which is why the gateway has one by default; each of several processes allows its share.
"""

import hashlib
import ipaddress
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from service_kit.http.problems import Problem

from api_gateway.messages import Headers, Request
from api_gateway.settings import Network, RateLimits

MAX_KEYS = 100_000


class RateLimited(Problem):
    """429: too many requests in this second, or logins in this minute."""

    status, code = 429, "rate_limited"


class Counters(Storage):
    """Request counters in memory, under one lock.

    The library's own memory storage starts a timer thread every 10 ms and may lose a count between two threads.
    """

    STORAGE_SCHEME = None
    base_exceptions = ValueError

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a counter, which starts anew when its window is over; return its new value."""
        now = time.time()
        with self._lock:
            count, ends = self._counts.get(key, (0, 0.0))
            if ends <= now:
                if len(self._counts) >= MAX_KEYS:
                    self._drop_expired(now)
                count, ends = 0, now + expiry
            self._counts[key] = (count + amount, ends)
        return count + amount

    def get(self, key: str) -> int:
        """Return a counter's value."""
        count, ends = self._counts.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Return when a counter's window ends."""
        return self._counts.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Return True: memory is always available."""
        return True

    def reset(self) -> int | None:
        """Delete all counters; return their number."""
        with self._lock:
            size = len(self._counts)
            self._counts.clear()
        return size

    def clear(self, key: str) -> None:
        """Delete one counter."""
        with self._lock:
            self._counts.pop(key, None)

    def _drop_expired(self, now: float) -> None:
        self._counts = {key: entry for key, entry in self._counts.items() if entry[1] > now}
        if len(self._counts) >= MAX_KEYS:
            # More than MAX_KEYS addresses in one second: bounded memory matters more than exact counts.
            self._counts.clear()


class Limiter:
    """Limits requests per second: per address before authentication, per user and company after it."""

    def __init__(self, limits: RateLimits, processes: int = 1) -> None:
        """Each of several `processes` allows its share, at least one, since they count apart."""
        self._on = limits.on
        share = {name: max(amount // processes, 1) for name, amount in asdict(limits).items()}
        self._window = FixedWindowRateLimiter(Counters())
        self._address = RateLimitItemPerSecond(share["per_address"], namespace="address")
        self._user = RateLimitItemPerSecond(share["per_user"], namespace="user")
        self._company = RateLimitItemPerSecond(share["per_company"], namespace="company")
        self._account = RateLimitItemPerMinute(share["logins_per_account"], namespace="account")
        self._login_address = RateLimitItemPerMinute(share["logins_per_address"], namespace="login")

    def count_address(self, request: Request) -> Headers:
        """Count a request of an address; return RateLimit headers with the remaining quota, raise RateLimited (429)."""
        return self._count(self._address, counted_address(request.address)) if self._on else []

    def count_caller(self, request: Request) -> Headers:
        """Count a request of a known caller and of its company; return and raise as `count_address`."""
        caller = request.caller
        if not self._on or caller is None:
            return []
        self._count(self._company, str(caller.company_id))
        return self._count(self._user, f"{caller.company_id}/{caller.subject}")

    def count_login(self, request: Request, account: str | None) -> Headers:
        """Count a login before it is tried; return and raise as `count_address`.

        An account is counted per address: if others could use up its tries, they could keep its owner out.
        """
        if not self._on:
            return []
        address = counted_address(request.address)
        headers = self._count(self._login_address, address)
        if account is None:
            return headers
        # Hashed, so that a long name takes no more memory than a short one.
        digest = hashlib.sha256(account.strip().casefold().encode("utf-8", "surrogatepass")).hexdigest()
        return self._count(self._account, f"{digest}/{address}")

    def _count(self, item: RateLimitItem, key: str) -> Headers:
        allowed = self._window.hit(item, key)
        ends, remaining = self._window.get_window_stats(item, key)
        seconds = max(math.ceil(ends - time.time()), 1)
        headers = [
            ("RateLimit-Policy", f'"{item.namespace}";q={item.amount};w={item.get_expiry()}'),
            ("RateLimit", f'"{item.namespace}";r={max(remaining, 0)};t={seconds}'),
        ]
        if not allowed:
            raise RateLimited(
                _explanation(item),
                headers={"Retry-After": str(seconds), **dict(headers)},
            )
        return headers


def _explanation(item: RateLimitItem) -> str:
    if isinstance(item, RateLimitItemPerMinute):
        return (
            f"More than {item.amount} logins a minute of one {'account' if item.namespace == 'account' else 'address'}."
        )
    return f"More than {item.amount} requests a second of one {item.namespace}."


def client_address(peer: str, forwarded_for: str | None, trusted: Sequence[Network]) -> str:
    """Return the address of the client: the peer, or what trusted proxies say it is.

    `X-Forwarded-For` is read from the right: the first address that is no trusted proxy is the client; a client can
    forge everything to the left of it.
    """
    if not trusted or not forwarded_for or not _within(peer, trusted):
        return peer
    client = peer
    for hop in reversed(forwarded_for.split(",")):
        address = hop.strip()
        try:
            ipaddress.ip_address(address)
        except ValueError:
            return client
        client = address
        if not _within(address, trusted):
            return client
    return client


def counted_address(address: str) -> str:
    """Return the key of an address's counter; for IPv6 its /64 network, since a host can use all of it."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    except ValueError:
        return address


def _within(address: str, networks: Sequence[Network]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks if network.version == found.version)
