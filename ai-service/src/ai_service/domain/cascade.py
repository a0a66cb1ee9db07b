"""The classifier cascade: asks classifiers in order until one is confident; the keyword classifier always answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ai_service.domain.cascade_settings import Order
from ai_service.domain.classification import Classification, DecidedBy, Proposal, UnknownDepartment, validate
from ai_service.domain.departments import Departments
from ai_service.domain.keywords import NOTHING_FOUND, KeywordClassifier
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.usage import Usage

STAGES: dict[Order, tuple[DecidedBy, ...]] = {
    "claude_first": ("claude", "bert", "keywords"),
    "local_first": ("bert", "claude", "keywords"),
}
"""The order of the classifiers. `bert` is the local classifier."""

PAID_CLASSIFIERS: tuple[DecidedBy, ...] = ("claude",)
"""The classifiers that are skipped once a budget is used up."""


class Classifier(Protocol):
    """One stage of the cascade: proposes a department within a deadline of its own."""

    @property
    def name(self) -> DecidedBy:
        """Return the name that classifications carry as `decided_by`."""

    def classify(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose a department; raise ClassifierFailed, at the latest at the classifier's deadline."""


class ClassifierFailed(Exception):
    """A classifier has no answer for this ticket.

    `kind` is a short word for metrics. `usage` is the cost of the call, if there was one.
    """

    def __init__(self, kind: str, usage: Usage | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.usage = usage


@dataclass(frozen=True)
class Skipped:
    """A classifier that gave no answer, and why: it failed, or the budget is used up."""

    classifier: DecidedBy
    kind: str


@dataclass(frozen=True)
class Decision:
    """The cascade's classification, and the earlier classifiers that gave no answer."""

    classification: Classification
    skipped: tuple[Skipped, ...] = ()
    usage: Usage | None = None
    """The cost of the paid classifier's call, also where its answer was not used."""


@dataclass(frozen=True)
class CascadePolicy:
    """In which order a company's classifiers are asked, and whether paid ones may be asked."""

    order: Order = "claude_first"
    affordable: bool = True
    """False: paid classifiers are skipped, with the kind `budget`."""


DEFAULT_POLICY = CascadePolicy()


class ClassifierCascade:
    """Asks one classifier after another and accepts only departments of the company's list."""

    def __init__(self, classifiers: Sequence[Classifier] = ()) -> None:
        """`classifiers` come before the keyword classifier; `CascadePolicy.order` sorts them."""
        self._classifiers = list(classifiers)
        self._keywords = KeywordClassifier()

    @property
    def has_models(self) -> bool:
        """Return whether any classifier besides the keywords takes part, so that an answer takes time or money."""
        return bool(self._classifiers)

    def decide(
        self,
        ticket: TicketText,
        departments: Departments,
        company_classifiers: Sequence[Classifier] = (),
        zero_shot: Classifier | None = None,
        policy: CascadePolicy = DEFAULT_POLICY,
    ) -> Decision:
        """Classify a ticket. Never raises: when a classifier fails, the next one is asked.

        `company_classifiers` are those trained for the ticket's company; they are asked in the policy's order among the
        others. `zero_shot` is asked where no keyword is found. Where the local classifier abstains, a later classifier
        decides and its classification carries the local scores too; where no later one is confident, the abstention
        stands.
        """
        skipped: list[Skipped] = []
        usage: Usage | None = None
        abstention: Classification | None = None
        order = STAGES[policy.order]
        classifiers = [*self._classifiers, *company_classifiers]
        for classifier in sorted(classifiers, key=lambda classifier: order.index(classifier.name)):
            if classifier.name in PAID_CLASSIFIERS and not policy.affordable:
                skipped.append(Skipped(classifier.name, "budget"))
                continue
            outcome, used = _ask(classifier, ticket, departments)
            usage = usage or used
            if isinstance(outcome, Skipped):
                skipped.append(outcome)
            elif outcome.need_admin and classifier.name not in PAID_CLASSIFIERS:
                abstention = outcome
            else:
                return Decision(_with_local_scores(outcome, abstention), tuple(skipped), usage)
        fallback = self._fall_back(ticket, departments, zero_shot)
        if abstention is not None and fallback.need_admin:
            return Decision(abstention, tuple(skipped), usage)
        return Decision(_with_local_scores(fallback, abstention), tuple(skipped), usage)

    def _fall_back(self, ticket: TicketText, departments: Departments, zero_shot: Classifier | None) -> Classification:
        proposal = self._keywords.classify(ticket, departments)
        if zero_shot is not None and proposal.confidence == NOTHING_FOUND:
            outcome, _ = _ask(zero_shot, ticket, departments)
            if isinstance(outcome, Classification):
                return outcome
        try:
            return validate(proposal, departments, self._keywords.name)
        except UnknownDepartment:
            # Only a company without any department gets here.
            reason = "the company has no active department"
            return Classification(departments.fallback(), 0.0, reason, self._keywords.name)


def _with_local_scores(classification: Classification, abstention: Classification | None) -> Classification:
    """Return a classification with the scores of the local classifier that abstained, unless it has its own."""
    if classification.local_scores is not None or abstention is None:
        return classification
    return replace(classification, local_scores=abstention.local_scores)


def _ask(
    classifier: Classifier, ticket: TicketText, departments: Departments
) -> tuple[Classification | Skipped, Usage | None]:
    usage: Usage | None = None
    try:
        proposal = classifier.classify(ticket, departments)
        usage = proposal.usage
        return validate(proposal, departments, classifier.name), usage
    except UnknownDepartment:
        return Skipped(classifier.name, "unknown_department"), usage
    except ClassifierFailed as failure:
        return Skipped(classifier.name, failure.kind), failure.usage
    except Exception as error:
        # A model's library can raise anything; a ticket must not wait because of it.
        return Skipped(classifier.name, type(error).__name__), usage
