"""Requests per second, per address, user and company; logins per minute, per account and address.

Each process counts for itself and allows its share. With a store all processes of all gateways count together; while
it is down each allows its share again.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.http.problems import Problem
from service_kit.identity import Caller

from api_gateway.messages import Headers
from api_gateway.rate_limits.addresses import counted_address
from api_gateway.rate_limits.memory import MemoryCounts
from api_gateway.rate_limits.shared import SharedCounts
from api_gateway.rate_limits.windows import Hit, Standing
from api_gateway.settings import RateLimits

LOGINS = "logins, registrations and password links {}"
"""The requests that count as logins, as the refusal names them."""


class RateLimited(Problem):
    """429: too many requests in this second, or logins in this minute."""

    status, code = 429, "rate_limited"


@dataclass(frozen=True)
class Limit:
    """A number of requests in a time, in all and for this process where it counts alone."""

    name: str
    total: int
    share: int
    seconds: int
    explanation: str

    def hit(self, key: str) -> "Counted":
        """Return a request of the holder of a key, to be counted."""
        return Counted(self, f"{self.name}:{key}")


@dataclass(frozen=True, slots=True)
class Counted:
    """A request that counts against a limit, under a key."""

    limit: Limit
    key: str

    def of_all(self) -> Hit:
        """Return the hit where all processes count together."""
        return Hit(self.key, self.limit.total, self.limit.seconds)

    def of_one(self) -> Hit:
        """Return the hit where this process counts alone."""
        return Hit(self.key, self.limit.share, self.limit.seconds)


class Limiter:
    """The limits, and who counts: the shared store, or this process."""

    def __init__(self, limits: RateLimits, processes: int = 1, shared: SharedCounts | None = None) -> None:
        """Each of several `processes` allows its share, at least one, where they count apart."""
        self.on, self.shared = limits.on, shared
        self.local = MemoryCounts()
        self.guard = MemoryCounts()

        def limit(name: str, total: int, seconds: int, what: str) -> Limit:
            time = "a second" if seconds == 1 else "a minute"
            return Limit(name, total, max(total // processes, 1), seconds, f"More than {{}} {what.format(time)}.")

        self.address = limit("address", limits.per_address, 1, "requests {} of one address")
        self.user = limit("user", limits.per_user, 1, "requests {} of one user")
        self.company = limit("company", limits.per_company, 1, "requests {} of one company")
        self.account = limit("account", limits.logins_per_account, 60, f"{LOGINS} of one account")
        self.login = limit("login", limits.logins_per_address, 60, f"{LOGINS} of one address")

    def begin(self) -> "RequestCounts":
        """Return the counts of one request."""
        return RequestCounts(self)

    def close(self) -> None:
        """Close the store's connections."""
        if self.shared is not None:
            self.shared.close()


class RequestCounts:
    """Counts one request; each method raises RateLimited (429).

    With a shared store the address waits for what else is to be counted, so that a request costs one round trip. Until
    then it is only counted here, so that nobody can make the gateway verify any number of tokens.
    """

    __slots__ = ("_address", "_limiter", "_pending", "headers")

    def __init__(self, limiter: Limiter) -> None:
        self._limiter, self._pending = limiter, list[Counted]()
        self._address = ""
        self.headers: Headers = []
        """The RateLimit headers of the response."""

    def count_address(self, address: str) -> None:
        """Count a request of an address."""
        if not self._limiter.on:
            return
        self._address = counted_address(address)
        counted = self._limiter.address.hit(self._address)
        if self._limiter.shared is None:
            self._judge([counted], self._limiter.local.hit([counted.of_one()]), alone=True)
            return
        standings = self._limiter.guard.hit([counted.of_all()])
        if not standings[0].admitted:
            self._judge([counted], standings, alone=False)
        self._pending.append(counted)

    def count_caller(self, caller: Caller) -> None:
        """Count a request of a known caller and of its company."""
        if self._limiter.on:
            # The user first: what is refused to one person is not counted against the company's others.
            self._pending.append(self._limiter.user.hit(f"{caller.company_id}/{caller.subject}"))
            self._pending.append(self._limiter.company.hit(str(caller.company_id)))
            self.finish()

    def count_login(self, account: str | None) -> None:
        """Count a login before it is tried.

        An account is counted per address: if others could use up its tries, they could keep its owner out.
        """
        if not self._limiter.on:
            return
        self._pending.append(self._limiter.login.hit(self._address))
        if account is not None:
            # Hashed, so that a long name takes no more memory than a short one.
            digest = hashlib.sha256(account.strip().casefold().encode("utf-8", "surrogatepass")).hexdigest()
            self._pending.append(self._limiter.account.hit(f"{digest}/{self._address}"))
        self.finish()

    def finish(self) -> None:
        """Count what waits."""
        pending, self._pending = self._pending, []
        if not pending:
            return
        shared = self._limiter.shared
        standings = shared.hit([counted.of_all() for counted in pending]) if shared is not None else None
        alone = standings is None
        if standings is None:
            standings = self._limiter.local.hit([counted.of_one() for counted in pending])
        self._judge(pending, standings, alone=alone)

    def _judge(self, pending: Sequence[Counted], standings: Sequence[Standing], *, alone: bool) -> None:
        for counted, standing in zip(pending, standings, strict=False):
            limit = counted.limit
            amount = limit.share if alone else limit.total
            seconds = max(math.ceil(standing.seconds), 1)
            headers = [
                ("RateLimit-Policy", f'"{limit.name}";q={amount};w={limit.seconds}'),
                ("RateLimit", f'"{limit.name}";r={standing.remaining};t={seconds}'),
            ]
            if not standing.admitted:
                raise RateLimited(
                    limit.explanation.format(amount), headers={"Retry-After": str(seconds), **dict(headers)}
                )
            if limit is not self._limiter.company:
                self.headers += headers
