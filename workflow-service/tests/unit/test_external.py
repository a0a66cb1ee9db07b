"""The states of a request to a partner: any sequence of answers, people and time keeps the rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from workflow_service.domain import external
from workflow_service.domain.external import (
    APPROVED,
    ASSET,
    FAILED,
    NEEDS_DATA,
    PENDING,
    PREPARED,
    REFUSED,
    UNKNOWN,
    WAITING,
    WITHDRAWN,
    External,
    ExternalDecided,
    RetryLimits,
    Verdict,
)

NOW = datetime(2026, 11, 30, tzinfo=UTC)
LIMITS = RetryLimits(first_seconds=5, max_tries=4, max_age=timedelta(days=7))
REQUEST = External(
    company_id=1, id=3, task_id=7, step="Reserve", kind=ASSET, state=NEEDS_DATA, request=None, requester="", tries=0,
    asked_since=None, next_try_at=None, is_uncertain=False, answer=None, reason="", decided_by=None, decided_at=None,
    overridden_by=None, resends=0,
)  # fmt: skip
ASKED = external.give_data(REQUEST, {"asset_id": "A1"}, "ann@example.com", NOW)
VERDICTS = [Verdict(state, "because") for state in (APPROVED, REFUSED, FAILED, WAITING, UNKNOWN)]


def tried(request: External) -> External:
    """Return a request as the lease of a try leaves it."""
    return replace(request, tries=request.tries + 1)


def test_the_key_names_the_task_and_the_request() -> None:
    assert REQUEST.idempotency_key == "7:3"


def test_with_its_data_a_request_is_asked_at_once() -> None:
    assert (ASKED.state, ASKED.next_try_at, ASKED.requester) == (WAITING, NOW, "ann@example.com")


@pytest.mark.parametrize(("tries", "seconds"), [(1, 5), (2, 30), (3, 120), (4, 600), (5, 600), (99, 600)])
def test_the_pauses_grow_to_ten_minutes(tries: int, seconds: int) -> None:
    assert LIMITS.pause(tries, None) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("asked", "seconds"), [(0, 5), (20, 20), (600, 600), (86_400 * 365 * 1e9, 600)])
def test_a_pause_is_as_long_as_the_partner_asks_but_not_for_ever(asked: float, seconds: int) -> None:
    assert LIMITS.pause(1, asked) == timedelta(seconds=seconds)


def test_a_try_that_may_have_taken_effect_stays_uncertain_whatever_follows() -> None:
    unknown = external.answered(tried(ASKED), Verdict(UNKNOWN, "no answer in time"), LIMITS, NOW)
    assert (unknown.state, unknown.next_try_at) == (UNKNOWN, NOW + timedelta(seconds=5))
    later = external.answered(tried(unknown), Verdict(WAITING, "can't be reached"), LIMITS, NOW)
    assert later.state == UNKNOWN
    assert not external.may_begin_anew(replace(later, state=FAILED))


def test_after_the_last_try_a_request_fails_and_a_person_sends_it_again_with_all_its_tries() -> None:
    request = ASKED
    for _ in range(LIMITS.max_tries):
        assert request.state == WAITING
        request = external.answered(tried(request), Verdict(WAITING, "answered 503"), LIMITS, NOW)
    assert (request.state, request.next_try_at, request.tries) == (FAILED, None, 4)
    assert "4 tries: answered 503" in request.reason
    again = external.resend(request, NOW + timedelta(hours=1))
    assert (again.state, again.tries, again.next_try_at) == (WAITING, 0, NOW + timedelta(hours=1))
    assert again.idempotency_key == request.idempotency_key


def test_after_seven_days_a_request_fails() -> None:
    early = external.answered(tried(ASKED), Verdict(WAITING, "x"), LIMITS, NOW + timedelta(days=7, seconds=-1))
    late = external.answered(tried(ASKED), Verdict(WAITING, "x"), LIMITS, NOW + timedelta(days=7))
    assert (early.state, late.state) == (WAITING, FAILED)


@pytest.mark.parametrize("state", [APPROVED, REFUSED, WITHDRAWN])
def test_a_decided_request_neither_changes_nor_is_asked_again(state: str) -> None:
    decided = replace(ASKED, state=state, next_try_at=None)
    for verdict in VERDICTS:
        assert external.answered(decided, verdict, LIMITS, NOW) == decided
    assert external.withdraw(decided, "x", NOW) == decided
    with pytest.raises(ExternalDecided):
        external.resend(decided, NOW)
    with pytest.raises(ExternalDecided):
        external.decide(decided, approved=True, reason="x", actor="x", now=NOW)
    with pytest.raises(ExternalDecided):
        external.give_data(decided, {}, "x", NOW)


def test_the_data_of_a_request_that_the_partner_may_know_never_change() -> None:
    with pytest.raises(ExternalDecided):
        external.give_data(ASKED, {"asset_id": "A2"}, "x", NOW)
    prepared = replace(REQUEST, state=PREPARED, step=None)
    once = external.give_data(prepared, {"asset_id": "A1"}, "x", NOW)
    twice = external.give_data(once, {"asset_id": "A2"}, "x", NOW)
    arrived = external.arrive(twice, "Reserve", NOW)
    assert (once.state, arrived.state, arrived.step, arrived.request) == (
        PREPARED,
        WAITING,
        "Reserve",
        {"asset_id": "A2"},
    )


def test_other_data_follow_a_refusal_or_a_request_that_the_partner_never_got() -> None:
    assert external.may_begin_anew(replace(ASKED, state=REFUSED))
    assert external.may_begin_anew(replace(ASKED, state=FAILED))
    for state in (NEEDS_DATA, WAITING, UNKNOWN, APPROVED, WITHDRAWN):
        assert not external.may_begin_anew(replace(ASKED, state=state))


class Requests(RuleBasedStateMachine):
    """A partner, people and time act on one request in any order."""

    request: External
    now: datetime

    @initialize(prepared=st.booleans())
    def begin(self, prepared: bool) -> None:
        self.now = NOW
        self.request = replace(REQUEST, state=PREPARED, step=None, request={}) if prepared else REQUEST
        self.sent_without_answer = False

    def change(self, after: External) -> None:
        if self.request.state in (APPROVED, REFUSED, WITHDRAWN):
            assert after == self.request, "a decision is final"
        self.request = after

    @rule(seconds=st.integers(0, 200_000))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(verdict=st.sampled_from(VERDICTS), late=st.booleans())
    def the_partner_answers(self, verdict: Verdict, late: bool) -> None:
        before = self.request
        if before.state in PENDING:
            self.sent_without_answer |= verdict.state == UNKNOWN
            before = tried(before)
        elif not late:
            return
        after = external.answered(before, verdict, LIMITS, self.now)
        if after.state in PENDING:
            assert after.next_try_at is not None
            assert after.next_try_at > self.now
        self.change(after)

    @rule()
    def a_person_gives_the_data(self) -> None:
        given = self.request.state in (PREPARED, NEEDS_DATA)
        try:
            self.change(external.give_data(self.request, {"asset_id": "A1"}, "x", self.now))
        except ExternalDecided:
            assert not given
        else:
            assert given

    @rule()
    def the_task_arrives(self) -> None:
        if self.request.state == PREPARED and self.request.request is not None:
            self.change(external.arrive(self.request, "Reserve", self.now))

    @rule()
    def a_person_sends_it_again(self) -> None:
        try:
            self.change(external.resend(self.request, self.now))
        except ExternalDecided:
            assert self.request.state not in (*PENDING, FAILED)

    @rule(approved=st.booleans())
    def a_person_decides(self, approved: bool) -> None:
        try:
            after = external.decide(self.request, approved=approved, reason="x", actor="person:1", now=self.now)
        except ExternalDecided:
            assert self.request.state in (PREPARED, APPROVED, REFUSED, WITHDRAWN)
        else:
            self.change(after)

    @rule()
    def the_task_leaves(self) -> None:
        self.change(external.withdraw(self.request, "person:1", self.now))

    @invariant()
    def only_a_waiting_request_is_asked(self) -> None:
        assert (self.request.next_try_at is not None) == (self.request.state in PENDING)
        assert self.request.request is not None or self.request.state not in (PREPARED, *PENDING)
        assert self.request.tries <= LIMITS.max_tries

    @invariant()
    def a_decision_says_who_and_when(self) -> None:
        decided = self.request.state in (APPROVED, REFUSED, FAILED, WITHDRAWN)
        assert (self.request.decided_by is not None) == decided
        assert (self.request.decided_at is not None) == decided

    @invariant()
    def uncertainty_is_never_forgotten(self) -> None:
        assert self.request.is_uncertain == self.sent_without_answer or self.request.state not in PENDING
        if self.request.state in PENDING:
            assert (self.request.state == UNKNOWN) == self.sent_without_answer


TestRequests = Requests.TestCase
TestRequests.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
