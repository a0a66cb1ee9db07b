"""Requests to partners: a reservation of an asset (AMS) or a check of a budget (BMS), and their states.

needs_data → waiting ⇄ unknown → approved, refused, failed or withdrawn. A prepared request has its data before its task
is at the step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

ASSET, BUDGET = "asset", "budget"
KINDS = (ASSET, BUDGET)
NONE, NOTIFICATION = "none", "notification"
END_LOGICS = (NONE, ASSET, BUDGET, NOTIFICATION)

PREPARED, NEEDS_DATA, WAITING, UNKNOWN = "prepared", "needs_data", "waiting", "unknown"
APPROVED, REFUSED, FAILED, WITHDRAWN = "approved", "refused", "failed", "withdrawn"
STATES = (PREPARED, NEEDS_DATA, WAITING, UNKNOWN, APPROVED, REFUSED, FAILED, WITHDRAWN)
PENDING = (WAITING, UNKNOWN)
"""The partner is asked, again and again, until it has answered."""
UNDECIDED = (NEEDS_DATA, WAITING, UNKNOWN)
PARTNER = "partner"
RETRY_FACTORS = (1, 6, 24, 120)
"""The pauses between tries, in multiples of the first: 5 s, 30 s, 2 min, 10 min."""
MAX_RETRY_AFTER = timedelta(minutes=10)


class ExternalNotFound(Exception):
    """The task has no request that could be changed."""

    def __init__(self, reason: str = "the task is at no step that asks a partner") -> None:
        super().__init__(reason)


class ExternalDecided(Exception):
    """The request is decided, or its data can't be replaced any more."""


class ExternalUndecided(Exception):
    """The task stays at its step until the partner, or a person in its place, has approved."""


class NotExternal(Exception):
    """The workflow has no step at which such data are used."""

    def __init__(self, kind: str) -> None:
        super().__init__("Some fields are not valid.")
        self.errors = [{"field": "kind", "message": f"No step of the task's workflow asks for {kind!r}."}]


@dataclass(frozen=True)
class Verdict:
    """The knowledge about a request after a call of the partner.

    `state` is `approved` or `refused` where the partner has answered, `failed` where it never will, else `waiting`, or
    `unknown` where the call may have taken effect. `answer` is shown, `retry_after` in seconds.
    """

    state: str
    reason: str
    answer: Mapping[str, Any] | None = None
    retry_after: float | None = None


@dataclass(frozen=True)
class RetryLimits:
    """When a partner is asked again, and when that ends."""

    first_seconds: float
    max_tries: int
    max_age: timedelta

    def pause(self, tries: int, retry_after: float | None) -> timedelta:
        """Return the pause after that many tries, at least as long as the partner asks, up to ten minutes."""
        factor = RETRY_FACTORS[min(max(tries, 1), len(RETRY_FACTORS)) - 1]
        asked = min(timedelta(seconds=min(retry_after or 0.0, 86_400.0)), MAX_RETRY_AFTER)
        return max(timedelta(seconds=self.first_seconds * factor), asked)


@dataclass(frozen=True, kw_only=True)
class External:
    """A request as stored. `is_uncertain` says that a try without an answer may have taken effect at the partner."""

    company_id: int
    id: int
    task_id: int
    step: str | None
    kind: str
    state: str
    request: Mapping[str, Any] | None
    requester: str
    tries: int
    asked_since: datetime | None
    next_try_at: datetime | None
    is_uncertain: bool
    answer: Mapping[str, Any] | None
    reason: str
    decided_by: str | None
    decided_at: datetime | None
    overridden_by: str | None
    resends: int
    """How often a person has sent it again."""

    @property
    def idempotency_key(self) -> str:
        """Return the key by which the partner knows every try of this request as the same one."""
        return f"{self.task_id}:{self.id}"

    @property
    def is_final(self) -> bool:
        """Return whether nobody decides the request any more."""
        return self.state in (APPROVED, REFUSED, WITHDRAWN)


def give_data(external: External, request: Mapping[str, Any], requester: str, now: datetime) -> External:
    """Return the request with its data, asked at once where its task is at the step.

    Raises ExternalDecided where the data were given already: the partner may know them.
    """
    if external.state == PREPARED:
        return replace(external, request=request, requester=requester)
    if external.state != NEEDS_DATA:
        raise ExternalDecided(f"the request is {external.state}; its data don't change any more")
    return _asked(replace(external, request=request, requester=requester), now)


def may_begin_anew(external: External) -> bool:
    """Return whether other data may be sent in a further request: the partner has refused, or never got this one."""
    return external.state == REFUSED or (external.state == FAILED and not external.is_uncertain)


def arrive(external: External, step: str, now: datetime) -> External:
    """Return a prepared request whose task has come to its step."""
    return _asked(replace(external, step=step), now)


def answered(external: External, verdict: Verdict, limits: RetryLimits, now: datetime) -> External:
    """Return a waiting request after a try; a request that is no longer waiting doesn't change."""
    if external.state not in PENDING:
        return external
    if verdict.state in (APPROVED, REFUSED, FAILED):
        return decided_by_partner(external, verdict, now)
    uncertain = external.is_uncertain or verdict.state == UNKNOWN
    tried = replace(external, is_uncertain=uncertain, reason=verdict.reason)
    assert external.asked_since is not None
    if external.tries >= limits.max_tries or now - external.asked_since >= limits.max_age:
        return _decided(tried, FAILED, f"given up after {external.tries} tries: {verdict.reason}", PARTNER, now, None)
    pause = limits.pause(external.tries, verdict.retry_after)
    return replace(tried, state=UNKNOWN if uncertain else WAITING, next_try_at=now + pause)


def decided_by_partner(external: External, verdict: Verdict, now: datetime) -> External:
    """Return a waiting request after the partner's last word about it."""
    return _decided(external, verdict.state, verdict.reason, PARTNER, now, verdict.answer)


def resend(external: External, now: datetime) -> External:
    """Return a waiting or failed request that is asked again now; raise ExternalDecided."""
    if external.state not in (*PENDING, FAILED):
        raise ExternalDecided(f"a request that is {external.state} isn't sent again")
    again = replace(external, resends=external.resends + 1)
    if external.state == FAILED:
        return replace(_asked(again, now), reason="", decided_by=None, decided_at=None)
    return replace(again, next_try_at=now)


def decide(external: External, *, approved: bool, reason: str, actor: str, now: datetime) -> External:
    """Return the request as a person answers it in the partner's place; raise ExternalDecided."""
    if external.is_final or external.state == PREPARED:
        raise ExternalDecided(f"the request is {external.state} already")
    return _decided(external, APPROVED if approved else REFUSED, reason, actor, now, external.answer)


def withdraw(external: External, actor: str, now: datetime) -> External:
    """Return the request after its task has left the step; one that is decided stays as it is."""
    if external.state not in UNDECIDED:
        return external
    return _decided(external, WITHDRAWN, "the task has left the step", actor, now, external.answer)


def _asked(external: External, now: datetime) -> External:
    state = UNKNOWN if external.is_uncertain else WAITING
    return replace(external, state=state, tries=0, asked_since=now, next_try_at=now)


def _decided(
    external: External, state: str, reason: str, actor: str, now: datetime, answer: Mapping[str, Any] | None
) -> External:
    return replace(
        external, state=state, reason=reason, decided_by=actor, decided_at=now, next_try_at=None, answer=answer
    )
