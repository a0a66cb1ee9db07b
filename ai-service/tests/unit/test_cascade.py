"""The first confident classifier decides; the keywords always answer."""

from dataclasses import dataclass

import pytest
from ai_service.domain.cascade import CascadePolicy, ClassifierCascade, ClassifierFailed, Skipped
from ai_service.domain.classification import DecidedBy, LocalScores, Proposal
from ai_service.domain.departments import Departments, current
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.usage import Tokens, Usage

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


def test_classifiers_are_asked_in_the_order_of_the_policy() -> None:
    claude = ScriptedClassifier(ClassifierFailed("timeout"))
    local = ScriptedClassifier(Proposal("HR", 88), name="bert")
    decision = ClassifierCascade([local, claude]).decide(VPN, DEPARTMENTS)
    assert decision.classification.decided_by == "bert"
    assert decision.skipped == (Skipped("claude", "timeout"),)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (ClassifierFailed("refused"), "refused"),
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
    claude = ScriptedClassifier(ClassifierFailed("timeout"))
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
    cold = ScriptedClassifier(ClassifierFailed("unlike_all"), name="bert")
    answer = ClassifierCascade().decide(TicketText("qwertz", ""), DEPARTMENTS, [local], cold).classification
    assert (answer.decided_by, answer.need_admin, answer.reason) == ("bert", True, "unlike all")


def test_without_budget_the_cascade_goes_on_without_paid_classifiers() -> None:
    claude = ScriptedClassifier(Proposal("HR", 88))
    decision = ClassifierCascade([claude]).decide(VPN, DEPARTMENTS, policy=CascadePolicy(affordable=False))
    assert (decision.classification.decided_by, claude.calls) == ("keywords", 0)
    assert decision.skipped == (Skipped("claude", "budget"),)


@pytest.mark.parametrize("outcome", [ClassifierFailed("refused", USED), Proposal("Marketing", 99, usage=USED)])
def test_an_answer_that_is_not_used_has_its_cost(outcome: Proposal | Exception) -> None:
    decision = ClassifierCascade([ScriptedClassifier(outcome)]).decide(VPN, DEPARTMENTS)
    assert (decision.classification.decided_by, decision.usage) == ("keywords", USED)
