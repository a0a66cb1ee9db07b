"""The delivery of one message to one webhook: its states, its tries, and how failures slow its webhook down.

waiting → pending → sending → delivered | failed; pending again after a failure. `waiting`: the delivery before it about
the same ticket is not through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LEASE_SECONDS = 20
"""How long a sender holds a message without renewing its claim; then the message is sent again."""
RENEW_SECONDS = 5
MAX_PAUSE_SECONDS = 3_600.0
"""The longest `Retry-After` that counts."""
SLOW_STATUSES = frozenset({429, 502, 503, 504})
GONE = 410
JITTER = 0.1


class State(StrEnum):
    """Where a delivery is."""

    WAITING = "waiting"
    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


class DeliveryNotFound(Exception):
    """The company has no such delivery, or it is another webhook's."""

    def __init__(self, delivery_id: int) -> None:
        super().__init__(f"there is no delivery {delivery_id}")


class DeliveryOutstanding(Exception):
    """A delivery that is still to be made can't be replayed."""

    def __init__(self, delivery_id: int, state: str) -> None:
        super().__init__(f"delivery {delivery_id} is {state}; only delivered and failed ones are replayed")


@dataclass(frozen=True)
class Outcome:
    """The outcome of a try: an HTTP status, or None and the reason why there is none."""

    status: int | None
    reason: str = ""
    answer: str = ""
    """The beginning of the answer."""
    milliseconds: int = 0
    retry_after: float | None = None

    @property
    def is_success(self) -> bool:
        """Return whether the receiver has taken the message."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Policy:
    """The operator's limits for tries and endpoints."""

    retry_seconds: Sequence[float]
    """The pauses after the first tries; the try after the last pause is the last one."""
    breaker_failures: int
    """After so many failures in a row a webhook gets probes alone."""
    probe_seconds: float
    disable_after: timedelta
    per_company: int
    per_webhook: int

    def is_open(self, failures: int) -> bool:
        """Return whether a webhook with so many failures in a row gets probes alone."""
        return failures >= self.breaker_failures


@dataclass(frozen=True)
class Health:
    """How a webhook fares."""

    failures: int = 0
    failing_since: datetime | None = None


@dataclass(frozen=True)
class Next:
    """The consequence of a try, for the delivery and for its webhook."""

    state: State
    step: int
    health: Health
    at: datetime | None = None
    """When a pending one is due."""
    paused_until: datetime | None = None
    """Until when the webhook gets nothing, None for no pause."""
    disabled_reason: str = ""
    """Why the webhook is switched off; empty where it isn't."""
    is_back: bool = False
    """Whether the receiver is back, so that everything is due that its failures have postponed."""


def after(
    outcome: Outcome, health: Health, step: int, *, is_probe: bool, now: datetime, policy: Policy, luck: float
) -> Next:
    """Return what follows a try. `step` counts the failures of the delivery, `luck` is between -1 and 1.

    A probe of a webhook that fails says nothing about its message, so that it takes no step; it goes behind the other
    messages, because it may be the one that is at fault.
    """
    if outcome.is_success:
        return Next(State.DELIVERED, step, Health(), is_back=_was_away(health, now, policy))
    since = health.failing_since or now
    failing = Health(health.failures + 1, since)
    pause = _pause(outcome, failing, policy)
    paused_until = None if pause is None else now + timedelta(seconds=pause)
    disabled = ""
    if outcome.status == GONE:
        disabled = "the receiver answered 410: it is gone for good"
    elif now - since >= policy.disable_after:
        disabled = f"every try since {since:%Y-%m-%d %H:%M} UTC failed"
    if is_probe:
        at = now + timedelta(seconds=policy.probe_seconds)
        return Next(State.PENDING, step, failing, at, paused_until, disabled)
    if step >= len(policy.retry_seconds):
        return Next(State.FAILED, step + 1, failing, None, paused_until, disabled)
    at = now + timedelta(seconds=policy.retry_seconds[step] * (1 + JITTER * luck))
    return Next(State.PENDING, step + 1, failing, at, paused_until, disabled)


def _was_away(health: Health, now: datetime, policy: Policy) -> bool:
    """Return whether a receiver has failed for a while; a single message that fails among others doesn't say so."""
    since = health.failing_since
    return since is not None and (
        policy.is_open(health.failures) or now - since >= timedelta(seconds=policy.probe_seconds)
    )


def _pause(outcome: Outcome, failing: Health, policy: Policy) -> float | None:
    """Return for how many seconds a webhook is left alone after a failure, None for none."""
    pauses = [policy.probe_seconds] if policy.is_open(failing.failures) else []
    if outcome.retry_after is not None:
        pauses.append(min(outcome.retry_after, MAX_PAUSE_SECONDS))
    elif outcome.status in SLOW_STATUSES:
        pauses.append(policy.probe_seconds)
    return max(pauses, default=None)
