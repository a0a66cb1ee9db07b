"""Everyday tickets of all departments, read before and after a training; a model that makes them worse is not used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ai_service.domain.answer import Answer
from ai_service.domain.departments import Departments
from ai_service.domain.ladder import Ladder, Rung
from ai_service.domain.ticket_text import TicketText

Outcome = Literal["right", "person", "wrong"]
"""`person`: the ladder abstained, so a person routes the ticket."""

TOLERATED = 1
"""So many tickets may a department lose where others gain, and so many more may be misrouted instead of waiting for a
person: 90 % precision are promised, so of a dozen such tickets one is misrouted by a head that keeps its promise."""


@dataclass(frozen=True)
class EverydayTicket:
    """A ticket such as any company gets, and the seeded department that it belongs to."""

    department: str
    language: str
    text: TicketText


@dataclass(frozen=True)
class Read:
    """What the ladder said about an everyday ticket."""

    ticket: EverydayTicket
    answer: Answer

    @property
    def outcome(self) -> Outcome:
        """Return how good the answer is."""
        if self.answer.need_admin:
            return "person"
        return "right" if _plain(self.answer.department) == _plain(self.ticket.department) else "wrong"


@dataclass(frozen=True)
class Comparison:
    """The same tickets, read by the ladder as it serves and with another model, in the same order."""

    before: tuple[Read, ...]
    after: tuple[Read, ...]
    untrained: tuple[Read, ...] = ()
    """Read without any trained model; empty where none serves, so that `before` is the same."""

    @property
    def worse(self) -> tuple[str, ...]:
        """Say in which ways the other model makes everyday tickets worse; nothing where it doesn't."""
        found = []
        for department in _departments(self.before):
            was, now = (_count(_of(part, department), "right") for part in (self.before, self.after))
            if self.untrained:
                # A model that sends everything to one department answers all of its tickets rightly.
                was = min(was, _count(_of(self.untrained, department), "right"))
            if now < was - TOLERATED:
                found.append(_fewer(department, was, now))
        (was, wrong_was), (now, wrong_now) = (
            (_count(part, "right"), _count(part, "wrong")) for part in (self.before, self.after)
        )
        if now < was and not found:
            found.append(_fewer("all departments", was, now))
        if wrong_now - wrong_was > max(now - was, TOLERATED):
            found.append(f"{wrong_now} everyday tickets are misrouted, where {wrong_was} were before")
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """Return the table and the tickets that changed as JSON values."""
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
                "before": _said(was),
                "after": _said(now),
            }
            for was, now in zip(self.before, self.after, strict=True)
            if (was.outcome, was.answer.department) != (now.outcome, now.answer.department)
        ]
        return {
            "tickets": len(self.before),
            "before": _counts(self.before),
            "after": _counts(self.after),
            "departments": rows,
            "changed": changed,
            "worse": list(self.worse),
        }


def read_all(
    tickets: Iterable[EverydayTicket], departments: Departments, own: Sequence[Rung], last: Rung | None
) -> tuple[Read, ...]:
    """Have the ladder without paid rungs read those everyday tickets whose department the company has."""
    ladder = Ladder()
    return tuple(
        Read(each, ladder.decide(each.text, departments, own, last).answer)
        for each in tickets
        if departments.find(each.department) is not None
    )


def _fewer(whose: str, was: int, now: int) -> str:
    return f"of the everyday tickets of {whose} {now} are answered rightly, where {was} were before"


def _departments(read: Sequence[Read]) -> list[str]:
    return list(dict.fromkeys(each.ticket.department for each in read))


def _of(read: Sequence[Read], department: str) -> list[Read]:
    return [each for each in read if each.ticket.department == department]


def _count(read: Sequence[Read], outcome: Outcome) -> int:
    return sum(each.outcome == outcome for each in read)


def _counts(read: Sequence[Read]) -> dict[str, int]:
    outcomes: tuple[Outcome, ...] = ("right", "person", "wrong")
    return {outcome: _count(read, outcome) for outcome in outcomes}


def _said(read: Read) -> dict[str, Any]:
    answer = read.answer
    return {
        "outcome": read.outcome,
        "department": answer.department,
        "confidence_score": answer.confidence,
        "decided_by": answer.decided_by,
    }


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
