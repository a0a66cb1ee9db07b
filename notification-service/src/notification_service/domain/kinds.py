"""The kinds of notifications, and the words in which the app shows each."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class Kind(StrEnum):
    """The reason of a notification."""

    RECEIVED = "received"
    """A ticket of the person's own has arrived."""
    ASSIGNED = "assigned"
    TEAM = "team"
    """A ticket without an assignee has come to the person's team."""
    COMMENT = "comment"
    MENTION = "mention"
    SOLUTION = "solution"
    APPROVAL = "approval"
    SLA_WARNING = "sla_warning"
    SLA_BREACH = "sla_breach"
    MESSAGE = "message"
    """A program's message; its own types count as this kind where people choose channels."""


DIGEST = "digest"
"""The kind of the digest's mails; no channel is chosen for it."""


class Words(NamedTuple):
    """The texts that a person reads. None is of a ticket: a notification outlives rights."""

    subject: str
    message: str


CLOCKS = {
    "first_response": "first response",
    "next_response": "next response",
    "resolution": "resolution",
    "step": "current step",
}


def group_of(kind: str) -> Kind:
    """Return the kind by which people choose channels: that of programs for a type that is none of events."""
    return Kind(kind) if kind in set(Kind) else Kind.MESSAGE


def words_of(kind: str, ticket_id: int | None, facts: Mapping[str, Any]) -> Words:
    """Return the words of a notification; `facts` are those of the event, or the texts that a program has sent."""
    if "count" in facts:
        what = _MANY[Kind(kind)]
        return Words(f"{facts['count']} more {what}", f"{facts['count']} more {what} came in a short time.")
    if ticket_id is None:
        return Words(facts["subject"], facts["message"])
    return _WORDS[Kind(kind)](ticket_id, facts)


def _received(ticket: int, _facts: Mapping[str, Any]) -> Words:
    return Words(f"We have received your ticket {ticket}", f"Your ticket {ticket} has arrived and will be looked at.")


def _assigned(ticket: int, facts: Mapping[str, Any]) -> Words:
    due = f" It is due at {facts['due']}." if facts.get("due") else ""
    return Words(
        f"Ticket {ticket} is assigned to you",
        f"Ticket {ticket} with the priority {facts['priority']} is assigned to you.{due}",
    )


def _team(ticket: int, facts: Mapping[str, Any]) -> Words:
    return Words(
        f"Ticket {ticket} waits in your team",
        f"Ticket {ticket} with the priority {facts['priority']} is in your team and assigned to nobody yet.",
    )


def _comment(ticket: int, facts: Mapping[str, Any]) -> Words:
    what = "internal note" if facts["internal"] else "comment"
    return Words(f"New {what} on ticket {ticket}", f"There is a new {what} on ticket {ticket}.")


def _mention(ticket: int, facts: Mapping[str, Any]) -> Words:
    where = "an internal note" if facts["internal"] else "a comment"
    return Words(f"You are mentioned on ticket {ticket}", f"Somebody mentions you in {where} on ticket {ticket}.")


def _solution(ticket: int, facts: Mapping[str, Any]) -> Words:
    steps = "1 step" if facts["steps"] == 1 else f"{facts['steps']} steps"
    return Words(f"Proposed solution for ticket {ticket}", f"A solution of {steps} is proposed for ticket {ticket}.")


def _approval(ticket: int, facts: Mapping[str, Any]) -> Words:
    return Words(
        f"Ticket {ticket} waits for your approval",
        f"The step {facts['step']} of ticket {ticket} requires the approval of a lead or a manager.",
    )


def _warning(ticket: int, facts: Mapping[str, Any]) -> Words:
    clock = CLOCKS[facts["clock"]]
    if facts.get("is_over"):
        return Words(f"Ticket {ticket} was due", f"The {clock} of ticket {ticket} was due at {facts['due']}.")
    return Words(
        f"Ticket {ticket} is due soon", f"The {clock} of ticket {ticket} is due at {facts['due']}; little time is left."
    )


def _breach(ticket: int, facts: Mapping[str, Any]) -> Words:
    clock = CLOCKS[facts["clock"]]
    return Words(f"Ticket {ticket} is overdue", f"The {clock} of ticket {ticket} was due at {facts['due']}.")


_WORDS: dict[Kind, Callable[[int, Mapping[str, Any]], Words]] = {
    Kind.RECEIVED: _received,
    Kind.ASSIGNED: _assigned,
    Kind.TEAM: _team,
    Kind.COMMENT: _comment,
    Kind.MENTION: _mention,
    Kind.SOLUTION: _solution,
    Kind.APPROVAL: _approval,
    Kind.SLA_WARNING: _warning,
    Kind.SLA_BREACH: _breach,
}
_MANY: dict[Kind, str] = {
    Kind.RECEIVED: "tickets of yours",
    Kind.ASSIGNED: "tickets assigned to you",
    Kind.TEAM: "tickets in your team",
    Kind.COMMENT: "comments on tickets",
    Kind.MENTION: "mentions on tickets",
    Kind.SOLUTION: "proposed solutions",
    Kind.APPROVAL: "tickets that wait for your approval",
    Kind.SLA_WARNING: "tickets that are due soon",
    Kind.SLA_BREACH: "overdue tickets",
}
"""The subject of many notifications of a kind."""
