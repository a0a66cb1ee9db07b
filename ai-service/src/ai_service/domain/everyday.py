"""Everyday tickets as a regression test of a training: a model that classifies them worse is not promoted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ai_service.domain.cascade import Classifier, ClassifierCascade
from ai_service.domain.classification import Classification
from ai_service.domain.departments import Departments
from ai_service.domain.ticket_text import TicketText

Outcome = Literal["correct", "abstained", "misrouted"]
OUTCOMES: tuple[Outcome, ...] = ("correct", "abstained", "misrouted")

TOLERANCE = 1
"""The number of correct tickets that a department may lose where others gain, and of further tickets that may be
misrouted instead of abstained from: at 90 % precision one of a dozen such tickets is misrouted."""


@dataclass(frozen=True)
class EverydayTicket:
    """A ticket such as any company gets, and the seeded department that it belongs to."""

    department: str
    language: str
    text: TicketText


@dataclass(frozen=True)
class ClassifiedTicket:
    """An everyday ticket with the cascade's classification."""

    ticket: EverydayTicket
    classification: Classification

    @property
    def outcome(self) -> Outcome:
        """Return whether the classification is correct, an abstention or wrong."""
        if self.classification.need_admin:
            return "abstained"
        expected, actual = self.ticket.department, self.classification.department
        return "correct" if _normalized(actual) == _normalized(expected) else "misrouted"


@dataclass(frozen=True)
class Comparison:
    """The same tickets classified with the serving model and with another one, in the same order."""

    before: tuple[ClassifiedTicket, ...]
    after: tuple[ClassifiedTicket, ...]
    untrained: tuple[ClassifiedTicket, ...] = ()
    """Classified without any trained model; empty where no model serves, because `before` is the same then."""

    @property
    def regressions(self) -> tuple[str, ...]:
        """Return sentences about how the other model is worse; empty where it isn't."""
        found = []
        for department in _departments(self.before):
            was, now = (_count(_of(part, department), "correct") for part in (self.before, self.after))
            if self.untrained:
                # A model that sends everything to one department is correct about all tickets of that department.
                was = min(was, _count(_of(self.untrained, department), "correct"))
            if now < was - TOLERANCE:
                found.append(_fewer(department, was, now))
        (was, wrong_was), (now, wrong_now) = (
            (_count(part, "correct"), _count(part, "misrouted")) for part in (self.before, self.after)
        )
        if now < was and not found:
            found.append(_fewer("all departments", was, now))
        if wrong_now - wrong_was > max(now - was, TOLERANCE):
            found.append(f"{wrong_now} everyday tickets are misrouted, where {wrong_was} were before")
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """Return the counts per department and the tickets that changed as JSON values."""
        rows = []
        for department in _departments(self.before):
            before, after = _of(self.before, department), _of(self.after, department)
            rows.append(
                {"department": department, "tickets": len(before), "before": _counts(before), "after": _counts(after)}
            )
        changed = [
            {
                "title": was.ticket.text.title,
                "language": was.ticket.language,
                "department": was.ticket.department,
                "before": _result(was),
                "after": _result(now),
            }
            for was, now in zip(self.before, self.after, strict=True)
            if (was.outcome, was.classification.department) != (now.outcome, now.classification.department)
        ]
        return {
            "tickets": len(self.before),
            "before": _counts(self.before),
            "after": _counts(self.after),
            "departments": rows,
            "changed": changed,
            "regressions": list(self.regressions),
        }


def classify_all(
    tickets: Iterable[EverydayTicket],
    departments: Departments,
    company_classifiers: Sequence[Classifier],
    zero_shot: Classifier | None,
) -> tuple[ClassifiedTicket, ...]:
    """Classify, without paid classifiers, the everyday tickets of those departments that the company has."""
    cascade = ClassifierCascade()
    return tuple(
        ClassifiedTicket(
            ticket, cascade.decide(ticket.text, departments, company_classifiers, zero_shot).classification
        )
        for ticket in tickets
        if departments.find(ticket.department) is not None
    )


def _fewer(whose: str, was: int, now: int) -> str:
    return f"of the everyday tickets of {whose} {now} are classified correctly, where {was} were before"


def _departments(tickets: Sequence[ClassifiedTicket]) -> list[str]:
    return list(dict.fromkeys(each.ticket.department for each in tickets))


def _of(tickets: Sequence[ClassifiedTicket], department: str) -> list[ClassifiedTicket]:
    return [each for each in tickets if each.ticket.department == department]


def _count(tickets: Sequence[ClassifiedTicket], outcome: Outcome) -> int:
    return sum(each.outcome == outcome for each in tickets)


def _counts(tickets: Sequence[ClassifiedTicket]) -> dict[str, int]:
    return {outcome: _count(tickets, outcome) for outcome in OUTCOMES}


def _result(ticket: ClassifiedTicket) -> dict[str, Any]:
    classification = ticket.classification
    return {
        "outcome": ticket.outcome,
        "department": classification.department,
        "confidence_score": classification.confidence,
        "decided_by": classification.decided_by,
    }


def _normalized(name: str) -> str:
    return " ".join(name.casefold().split())
