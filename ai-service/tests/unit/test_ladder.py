"""The best rung that can answer decides; the lowest always can."""

from dataclasses import dataclass, field

import pytest
from ai_service.adapters.guarded import GuardedRung
from ai_service.domain.answer import DecidedBy, Proposal
from ai_service.domain.departments import Departments, current
from ai_service.domain.ladder import Ladder, Miss, RungFailed
from ai_service.domain.ticket_text import TicketText
from service_kit.calls import Breaker

DEPARTMENTS = current([])
VPN = TicketText("vpn password", "")


@dataclass
class ScriptedRung:
    """Says or raises what it was told to."""

    outcome: Proposal | Exception
    name: DecidedBy = "claude"
    calls: int = 0

    def read(self, ticket: TicketText, departments: Departments) -> Proposal:
        self.calls += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@dataclass
class Clock:
    now: float = 100.0
    breaker: Breaker = field(init=False)

    def __post_init__(self) -> None:
        self.breaker = Breaker(failures=5, open_seconds=30, longest_open_seconds=30, clock=lambda: self.now)


def test_rungs_are_asked_from_the_best_down_however_they_are_given() -> None:
    claude = ScriptedRung(RungFailed("timeout", "ill"))
    local = ScriptedRung(Proposal("HR", 88), name="bert")
    decision = Ladder([local, claude]).decide(VPN, DEPARTMENTS)
    assert decision.answer.decided_by == "bert"
    assert decision.misses == (Miss("claude", "timeout"),)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (RungFailed("refused", "well"), "refused"),
        (Proposal("Marketing", 99), "not_of_the_list"),
        (ValueError("surprise"), "ValueError"),
        (RecursionError(), "RecursionError"),
    ],
)
def test_a_rung_that_misses_leaves_it_to_the_next(outcome: Proposal | Exception, kind: str) -> None:
    decision = Ladder([ScriptedRung(outcome)]).decide(VPN, DEPARTMENTS)
    assert decision.answer.department == "IT Support"
    assert decision.answer.decided_by == "keywords"
    assert decision.misses == (Miss("claude", kind),)


def test_after_five_failures_a_rung_is_left_alone_for_half_a_minute() -> None:
    clock, rung = Clock(), ScriptedRung(RungFailed("timeout", "ill"))
    ladder = Ladder([GuardedRung(rung, clock.breaker)])
    for _ in range(5):
        ladder.decide(VPN, DEPARTMENTS)
    assert ladder.decide(VPN, DEPARTMENTS).misses == (Miss("claude", "resting"),)
    assert rung.calls == 5
    clock.now += 31
    rung.outcome = Proposal("HR", 90)
    assert ladder.decide(VPN, DEPARTMENTS).answer.decided_by == "claude"
    assert ladder.decide(VPN, DEPARTMENTS).answer.decided_by == "claude"


def test_a_failed_try_after_the_rest_begins_another_rest() -> None:
    clock, rung = Clock(), ScriptedRung(RungFailed("timeout", "ill"))
    ladder = Ladder([GuardedRung(rung, clock.breaker)])
    for _ in range(5):
        ladder.decide(VPN, DEPARTMENTS)
    clock.now += 31
    ladder.decide(VPN, DEPARTMENTS)
    ladder.decide(VPN, DEPARTMENTS)
    assert rung.calls == 6


@pytest.mark.parametrize("outcome", [RungFailed("refused", "well"), Proposal("Marketing", 99)])
def test_texts_a_model_is_at_a_loss_with_do_not_open_the_breaker(outcome: Proposal | Exception) -> None:
    rung = ScriptedRung(outcome)
    ladder = Ladder([GuardedRung(rung)])
    for _ in range(20):
        ladder.decide(VPN, DEPARTMENTS)
    assert rung.calls == 20


def test_not_being_reached_because_of_us_says_nothing_about_a_rungs_health() -> None:
    """Were `busy` taken for a success, callers waiting for a free place would hide an outage."""
    clock, rung = Clock(), ScriptedRung(RungFailed("timeout", "ill"))
    guarded = GuardedRung(rung, clock.breaker)
    ladder = Ladder([guarded])
    for _ in range(4):
        ladder.decide(VPN, DEPARTMENTS)
    rung.outcome = RungFailed("busy", "unknown")
    ladder.decide(VPN, DEPARTMENTS)
    rung.outcome = RungFailed("timeout", "ill")
    ladder.decide(VPN, DEPARTMENTS)
    assert ladder.decide(VPN, DEPARTMENTS).misses == (Miss("claude", "resting"),)


def test_any_exception_counts_for_the_breaker() -> None:
    rung = ScriptedRung(ValueError("surprise"))
    ladder = Ladder([GuardedRung(rung)])
    for _ in range(7):
        ladder.decide(VPN, DEPARTMENTS)
    assert rung.calls == 5
