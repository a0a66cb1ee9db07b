"""The first confident classifier decides; the keywords always answer."""

from dataclasses import dataclass, field

import pytest
from ai_service.adapters.circuit_breaker import CircuitBreakingClassifier
from ai_service.domain.cascade import CascadePolicy, ClassifierCascade, ClassifierFailed, Skipped
from ai_service.domain.classification import DecidedBy, LocalScores, Proposal
from ai_service.domain.departments import Departments, current
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.usage import Tokens, Usage
from service_kit.http_client import Breaker

DEPARTMENTS = current([])
VPN = TicketText("vpn password", "")


@dataclass
class ScriptedClassifier:
    """Returns or raises the given outcome."""

    outcome: Proposal | Exception
    name: DecidedBy = "claude"
    calls: int = 0

    def classify(self, ticket: TicketText, departments: Departments) -> Proposal:
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


def test_classifiers_are_asked_in_the_order_of_the_policy() -> None:
    claude = ScriptedClassifier(ClassifierFailed("timeout", "ill"))
    local = ScriptedClassifier(Proposal("HR", 88), name="bert")
    decision = ClassifierCascade([local, claude]).decide(VPN, DEPARTMENTS)
    assert decision.classification.decided_by == "bert"
    assert decision.skipped == (Skipped("claude", "timeout"),)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (ClassifierFailed("refused", "well"), "refused"),
        (Proposal("Marketing", 99), "unknown_department"),
        (ValueError("surprise"), "ValueError"),
        (RecursionError(), "RecursionError"),
    ],
)
def test_after_a_classifier_that_fails_the_next_one_is_asked(outcome: Proposal | Exception, kind: str) -> None:
    decision = ClassifierCascade([ScriptedClassifier(outcome)]).decide(VPN, DEPARTMENTS)
    assert decision.classification.department == "IT Support"
    assert decision.classification.decided_by == "keywords"
    assert decision.skipped == (Skipped("claude", kind),)


def test_after_five_failures_a_classifier_is_skipped_for_half_a_minute() -> None:
    clock, classifier = Clock(), ScriptedClassifier(ClassifierFailed("timeout", "ill"))
    cascade = ClassifierCascade([CircuitBreakingClassifier(classifier, clock.breaker)])
    for _ in range(5):
        cascade.decide(VPN, DEPARTMENTS)
    assert cascade.decide(VPN, DEPARTMENTS).skipped == (Skipped("claude", "breaker_open"),)
    assert classifier.calls == 5
    clock.now += 31
    classifier.outcome = Proposal("HR", 90)
    assert cascade.decide(VPN, DEPARTMENTS).classification.decided_by == "claude"
    assert cascade.decide(VPN, DEPARTMENTS).classification.decided_by == "claude"


def test_a_classifier_that_asks_for_a_longer_pause_is_asked_again_after_it() -> None:
    clock, classifier = Clock(), ScriptedClassifier(ClassifierFailed("overloaded_error", "ill", retry_after=50))
    cascade = ClassifierCascade([CircuitBreakingClassifier(classifier, clock.breaker)])
    for _ in range(5):
        cascade.decide(VPN, DEPARTMENTS)
    clock.now += 45
    assert cascade.decide(VPN, DEPARTMENTS).skipped == (Skipped("claude", "breaker_open"),)
    clock.now += 6
    cascade.decide(VPN, DEPARTMENTS)
    assert classifier.calls == 6


def test_a_failed_try_after_the_pause_begins_another_pause() -> None:
    clock, classifier = Clock(), ScriptedClassifier(ClassifierFailed("timeout", "ill"))
    cascade = ClassifierCascade([CircuitBreakingClassifier(classifier, clock.breaker)])
    for _ in range(5):
        cascade.decide(VPN, DEPARTMENTS)
    clock.now += 31
    cascade.decide(VPN, DEPARTMENTS)
    cascade.decide(VPN, DEPARTMENTS)
    assert classifier.calls == 6


@pytest.mark.parametrize("outcome", [ClassifierFailed("refused", "well"), Proposal("Marketing", 99)])
def test_texts_without_an_answer_do_not_open_the_breaker(outcome: Proposal | Exception) -> None:
    classifier = ScriptedClassifier(outcome)
    cascade = ClassifierCascade([CircuitBreakingClassifier(classifier)])
    for _ in range(20):
        cascade.decide(VPN, DEPARTMENTS)
    assert classifier.calls == 20


def test_a_failure_on_our_side_does_not_count_for_the_breaker() -> None:
    """If `busy` counted as a success, callers waiting for a free slot would hide an outage."""
    clock, classifier = Clock(), ScriptedClassifier(ClassifierFailed("timeout", "ill"))
    guarded = CircuitBreakingClassifier(classifier, clock.breaker)
    cascade = ClassifierCascade([guarded])
    for _ in range(4):
        cascade.decide(VPN, DEPARTMENTS)
    classifier.outcome = ClassifierFailed("busy", "unknown")
    cascade.decide(VPN, DEPARTMENTS)
    classifier.outcome = ClassifierFailed("timeout", "ill")
    cascade.decide(VPN, DEPARTMENTS)
    assert cascade.decide(VPN, DEPARTMENTS).skipped == (Skipped("claude", "breaker_open"),)


def test_any_exception_counts_for_the_breaker() -> None:
    classifier = ScriptedClassifier(ValueError("surprise"))
    cascade = ClassifierCascade([CircuitBreakingClassifier(classifier)])
    for _ in range(7):
        cascade.decide(VPN, DEPARTMENTS)
    assert classifier.calls == 5


USED = Usage("claude-haiku-5-5", Tokens(200, 30), None)
LOCAL_FIRST = CascadePolicy("local_first")
ABSTAINS = Proposal("General", 30, "unlike all", local_scores=LocalScores("HR", 0.4, 0.5))


def test_a_confident_local_answer_saves_the_call() -> None:
    claude = ScriptedClassifier(Proposal("HR", 88))
    local = ScriptedClassifier(Proposal("Finance", 91), name="bert")
    decision = ClassifierCascade([claude]).decide(VPN, DEPARTMENTS, [local], policy=LOCAL_FIRST)
    assert (decision.classification.department, claude.calls, decision.usage) == ("Finance", 0, None)


def test_where_the_local_model_abstains_claude_is_asked() -> None:
    claude = ScriptedClassifier(Proposal("HR", 88, usage=USED))
    decision = ClassifierCascade([claude]).decide(
        VPN, DEPARTMENTS, [ScriptedClassifier(ABSTAINS, name="bert")], policy=LOCAL_FIRST
    )
    assert (decision.classification.decided_by, decision.skipped, decision.usage) == ("claude", (), USED)
    assert decision.classification.local_scores == ABSTAINS.local_scores


@pytest.mark.parametrize("affordable", [True, False])
def test_where_claude_fails_too_the_keywords_decide_and_the_local_scores_stay(affordable: bool) -> None:
    claude = ScriptedClassifier(ClassifierFailed("timeout", "ill"))
    policy = CascadePolicy("local_first", affordable)
    decision = ClassifierCascade([claude]).decide(
        VPN, DEPARTMENTS, [ScriptedClassifier(ABSTAINS, name="bert")], policy=policy
    )
    assert (decision.classification.department, decision.classification.decided_by) == ("IT Support", "keywords")
    assert decision.classification.local_scores == ABSTAINS.local_scores
    assert decision.skipped == (Skipped("claude", "timeout" if affordable else "budget"),)


@pytest.mark.parametrize("policy", [CascadePolicy(), LOCAL_FIRST])
@pytest.mark.parametrize(
    ("title", "department"),
    [("The toilet is leaking", "Facilities"), ("We were charged twice, please refund the invoice", "Finance")],
)
def test_after_an_abstention_of_the_local_model_the_keywords_decide(
    policy: CascadePolicy, title: str, department: str
) -> None:
    local = ScriptedClassifier(ABSTAINS, name="bert")
    with_model = ClassifierCascade().decide(TicketText(title, ""), DEPARTMENTS, [local], policy=policy).classification
    without = ClassifierCascade().decide(TicketText(title, ""), DEPARTMENTS, policy=policy).classification
    assert (with_model.department, with_model.need_admin, with_model.decided_by) == (department, False, "keywords")
    assert (with_model.confidence, with_model.reason) == (without.confidence, without.reason)


def test_zero_shot_decides_where_the_trained_model_abstains_and_no_word_is_found() -> None:
    local, cold = ScriptedClassifier(ABSTAINS, name="bert"), ScriptedClassifier(Proposal("Facilities", 55), name="bert")
    answer = ClassifierCascade().decide(TicketText("qwertz", ""), DEPARTMENTS, [local], cold).classification
    assert (answer.department, answer.confidence) == ("Facilities", 55)


def test_where_no_later_classifier_is_confident_the_abstention_stands() -> None:
    local = ScriptedClassifier(ABSTAINS, name="bert")
    cold = ScriptedClassifier(ClassifierFailed("unlike_all", "well"), name="bert")
    answer = ClassifierCascade().decide(TicketText("qwertz", ""), DEPARTMENTS, [local], cold).classification
    assert (answer.decided_by, answer.need_admin, answer.reason) == ("bert", True, "unlike all")


def test_without_budget_the_cascade_goes_on_without_paid_classifiers() -> None:
    claude = ScriptedClassifier(Proposal("HR", 88))
    decision = ClassifierCascade([claude]).decide(VPN, DEPARTMENTS, policy=CascadePolicy(affordable=False))
    assert (decision.classification.decided_by, claude.calls) == ("keywords", 0)
    assert decision.skipped == (Skipped("claude", "budget"),)


@pytest.mark.parametrize("outcome", [ClassifierFailed("refused", "well", USED), Proposal("Marketing", 99, usage=USED)])
def test_an_answer_that_is_not_used_has_its_cost(outcome: Proposal | Exception) -> None:
    decision = ClassifierCascade([ScriptedClassifier(outcome)]).decide(VPN, DEPARTMENTS)
    assert (decision.classification.decided_by, decision.usage) == ("keywords", USED)
