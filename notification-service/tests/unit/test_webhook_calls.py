"""The calls of a process: which are made, and what becomes of their outcomes."""

import itertools
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import pytest
from notification_service.domain.webhook_delivery import LEASE_SECONDS, Outcome
from notification_service.store.webhook_claims import Claim
from notification_service.usecases.run_webhooks import Calls, run_webhooks
from sqlalchemy.exc import OperationalError

PATIENCE_SECONDS = 60
DOWN = OperationalError("select", {}, Exception("the database is down"))
CLAIM = Claim(1, 2, 3, 4, "msg_1", "{}", 1, 0, False, "https://hooks.example", None, "sealed", None)


@dataclass
class Sender:
    """A sender with one message, whose outcome meets some errors before it is stored."""

    claims: list[Claim] = field(default_factory=lambda: [CLAIM])
    errors: list[Exception] = field(default_factory=list)
    at_claim: Callable[[], object] = lambda: None
    at_call: Callable[[], object] = lambda: None
    at_renewal: Callable[[], object] = lambda: None
    at_look: Callable[[], object] = lambda: None
    called: int = 0
    stored: list[Outcome] = field(default_factory=list)
    has_stored: threading.Event = field(default_factory=threading.Event)
    renewed: list[Claim] = field(default_factory=list)

    def claim(self, most: int) -> list[Claim]:
        self.at_claim()
        return [self.claims.pop() for _ in range(min(most, len(self.claims)))]

    def call(self, claim: Claim) -> Outcome:
        self.called += 1
        self.at_call()
        return Outcome(204)

    def store(self, claim: Claim, outcome: Outcome) -> None:
        if self.errors:
            raise self.errors.pop()
        self.stored.append(outcome)
        self.has_stored.set()

    def renew(self, claims: Collection[Claim]) -> None:
        self.renewed += claims
        self.at_renewal()

    def give_back_lost(self) -> int:
        self.at_look()
        return 0


def run(sender: Sender, calls: Calls | None = None) -> None:
    """Send what is due and wait for the calls."""
    calls = calls or Calls(sender, 1)
    assert calls.send_due() == 1
    for thread in list(calls._running):
        thread.join(PATIENCE_SECONDS)
    assert not calls._running


def test_an_outcome_is_stored_once_the_database_is_back_and_the_message_is_called_once() -> None:
    sender = Sender(errors=[DOWN])
    run(sender)
    assert (sender.called, len(sender.stored)) == (1, 1)


def test_an_error_that_stays_ends_the_call_and_frees_its_place() -> None:
    sender = Sender(errors=[ValueError("a fault of the program")])
    calls = Calls(sender, 1)
    run(sender, calls)
    assert (sender.called, sender.stored) == (1, [])
    sender.claims.append(CLAIM)
    run(sender, calls)
    assert len(sender.stored) == 1


@pytest.mark.parametrize(("seconds", "called"), [(LEASE_SECONDS / 2 - 1, 1), (LEASE_SECONDS / 2 + 1, 0)])
def test_a_call_begins_while_its_lease_surely_holds_or_never(seconds: float, called: int) -> None:
    clock = [100.0]

    def pass_time() -> None:
        clock[0] += seconds

    sender = Sender(at_claim=pass_time)
    run(sender, Calls(sender, 1, now=lambda: clock[0]))
    assert sender.called == called


def test_the_claims_of_calls_that_go_on_are_renewed_and_no_others() -> None:
    begun, released = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        assert released.wait(PATIENCE_SECONDS)

    sender = Sender(at_call=hang)
    calls = Calls(sender, 1)
    calls.send_due()
    assert begun.wait(PATIENCE_SECONDS)
    calls.renew()
    assert sender.renewed == [CLAIM]
    released.set()
    calls.stop(PATIENCE_SECONDS)
    calls.renew()
    assert sender.renewed == [CLAIM]


def test_the_claim_of_a_long_call_is_renewed_in_time() -> None:
    stopping, released, clock = threading.Event(), threading.Event(), itertools.count(100)

    def end() -> None:
        stopping.set()
        released.set()

    sender = Sender(at_call=lambda: released.wait(PATIENCE_SECONDS), at_renewal=end)
    run_webhooks(Calls(sender, 1, now=lambda: next(clock)), stopping)
    assert sender.has_stored.wait(PATIENCE_SECONDS)
    assert sender.renewed == [CLAIM]
    assert next(clock) < 100 + LEASE_SECONDS


def test_after_a_failure_of_the_database_other_senders_get_time_before_their_messages_are_given_back() -> None:
    stopping, clock = threading.Event(), [100.0]
    turns: list[str] = []

    def fail_once() -> None:
        turns.append("claim")
        if turns == ["look", "claim"]:
            raise DOWN
        clock[0] += LEASE_SECONDS / 4
        if turns.count("look") == 2:
            stopping.set()

    sender = Sender(claims=[], at_claim=fail_once, at_look=lambda: turns.append("look"))
    run_webhooks(Calls(sender, 1, now=lambda: clock[0]), stopping)
    assert turns == ["look", "claim", "claim", "claim", "look", "claim"]
