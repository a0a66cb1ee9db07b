"""The best rung that can answer decides; the lowest always can."""

from dataclasses import dataclass, field

import pytest
from ai_service.adapters.guarded import GuardedRung
from ai_service.domain.answer import DecidedBy, Figures, Proposal
from ai_service.domain.departments import Departments, current
from ai_service.domain.ladder import Climb, Ladder, Miss, RungFailed
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.usage import Tokens, Usage
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


def test_a_rung_that_asks_for_a_longer_pause_is_asked_again_after_it() -> None:
    clock, rung = Clock(), ScriptedRung(RungFailed("overloaded_error", "ill", retry_after=50))
    ladder = Ladder([GuardedRung(rung, clock.breaker)])
    for _ in range(5):
        ladder.decide(VPN, DEPARTMENTS)
    clock.now += 45
    assert ladder.decide(VPN, DEPARTMENTS).misses == (Miss("claude", "resting"),)
    clock.now += 6
    ladder.decide(VPN, DEPARTMENTS)
    assert rung.calls == 6


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


USED = Usage("claude-haiku-5-5", Tokens(200, 30), None)
LOCAL_FIRST = Climb("local_first")
ABSTAINS = Proposal("General", 30, "unlike all", figures=Figures("HR", 0.4, 0.5))


def test_a_sure_local_answer_saves_the_call() -> None:
    claude = ScriptedRung(Proposal("HR", 88))
    local = ScriptedRung(Proposal("Finance", 91), name="bert")
    decision = Ladder([claude]).decide(VPN, DEPARTMENTS, [local], climb=LOCAL_FIRST)
    assert (decision.answer.department, claude.calls, decision.usage) == ("Finance", 0, None)


def test_where_the_local_model_abstains_claude_is_asked() -> None:
    claude = ScriptedRung(Proposal("HR", 88, usage=USED))
    decision = Ladder([claude]).decide(VPN, DEPARTMENTS, [ScriptedRung(ABSTAINS, name="bert")], climb=LOCAL_FIRST)
    assert (decision.answer.decided_by, decision.misses, decision.usage) == ("claude", (), USED)
    assert decision.answer.figures == ABSTAINS.figures


@pytest.mark.parametrize("affordable", [True, False])
def test_where_claude_has_no_answer_either_the_keywords_decide_and_the_figures_stay(affordable: bool) -> None:
    claude = ScriptedRung(RungFailed("timeout", "ill"))
    climb = Climb("local_first", affordable)
    decision = Ladder([claude]).decide(VPN, DEPARTMENTS, [ScriptedRung(ABSTAINS, name="bert")], climb=climb)
    assert (decision.answer.department, decision.answer.decided_by) == ("IT Support", "keywords")
    assert decision.answer.figures == ABSTAINS.figures
    assert decision.misses == (Miss("claude", "timeout" if affordable else "budget"),)


@pytest.mark.parametrize("climb", [Climb(), LOCAL_FIRST])
@pytest.mark.parametrize(
    ("title", "department"),
    [("The toilet is leaking", "Facilities"), ("We were charged twice, please refund the invoice", "Finance")],
)
def test_a_local_model_that_abstains_hands_the_ticket_down(climb: Climb, title: str, department: str) -> None:
    local = ScriptedRung(ABSTAINS, name="bert")
    with_model = Ladder().decide(TicketText(title, ""), DEPARTMENTS, [local], climb=climb).answer
    without = Ladder().decide(TicketText(title, ""), DEPARTMENTS, climb=climb).answer
    assert (with_model.department, with_model.need_admin, with_model.decided_by) == (department, False, "keywords")
    assert (with_model.confidence, with_model.reason) == (without.confidence, without.reason)


def test_what_resembles_a_description_is_placed_though_the_trained_model_abstains() -> None:
    local, cold = ScriptedRung(ABSTAINS, name="bert"), ScriptedRung(Proposal("Facilities", 55), name="bert")
    answer = Ladder().decide(TicketText("qwertz", ""), DEPARTMENTS, [local], cold).answer
    assert (answer.department, answer.confidence) == ("Facilities", 55)


def test_where_no_lower_rung_is_sure_either_the_abstention_says_why() -> None:
    local = ScriptedRung(ABSTAINS, name="bert")
    cold = ScriptedRung(RungFailed("unlike_all", "well"), name="bert")
    answer = Ladder().decide(TicketText("qwertz", ""), DEPARTMENTS, [local], cold).answer
    assert (answer.decided_by, answer.need_admin, answer.reason) == ("bert", True, "unlike all")


def test_without_money_the_ladder_steps_down_and_never_stops() -> None:
    claude = ScriptedRung(Proposal("HR", 88))
    decision = Ladder([claude]).decide(VPN, DEPARTMENTS, climb=Climb(affordable=False))
    assert (decision.answer.decided_by, claude.calls) == ("keywords", 0)
    assert decision.misses == (Miss("claude", "budget"),)


@pytest.mark.parametrize("outcome", [RungFailed("refused", "well", USED), Proposal("Marketing", 99, usage=USED)])
def test_an_answer_that_is_not_taken_is_paid_for_all_the_same(outcome: Proposal | Exception) -> None:
    decision = Ladder([ScriptedRung(outcome)]).decide(VPN, DEPARTMENTS)
    assert (decision.answer.decided_by, decision.usage) == ("keywords", USED)
