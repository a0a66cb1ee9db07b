"""Proposes a ticket's priority: by the first matching rule of the company, else by the words of the text.

A priority that a person sets outranks the proposal; ticket-service sees to that.
"""

from collections.abc import Sequence

from ai_service.domain.priority.levels import LEVELS, REASON_CHARACTERS, Prioritized, Priority
from ai_service.domain.priority.rules import Rule, first_match
from ai_service.domain.priority.signals import Matches, Signals, highest, signals
from ai_service.domain.ticket_text import TicketText

LOW, MEDIUM, HIGH, URGENT = range(len(LEVELS))

MANY_ANGRY_WORDS = 2
"""One angry word makes a ticket medium; two raise it by a level, at most to high: anger is no emergency."""

MANUAL_REASON = "the company sets priorities by hand (auto_prioritize is off)"
AUTOMATIC_REASON = "a machine sent it: an absence note, a delivery report or a newsletter"
NO_REASON = "no sign of urgency in the text"
MAX_REASON_WORDS = 5


def prioritize(ticket: TicketText, rules: Sequence[Rule] = (), department: str | None = None) -> Prioritized:
    """Return the proposed priority and its reason. Never raises.

    `rules` are the company's, in order. `department` is None for a ticket that no classifier has read.
    """
    by_rule = first_match(rules, ticket, department)
    if by_rule is None and ticket.automatic:
        return Prioritized(LEVELS[LOW], AUTOMATIC_REASON)
    return by_rule or priority_of_text(ticket)


def manual_priority(current: Priority) -> Prioritized:
    """Return a ticket's current priority, for a company that sets priorities by hand."""
    return Prioritized(current, MANUAL_REASON)


def priority_of_text(ticket: TicketText) -> Prioritized:
    """Return the priority by urgency, by trouble and the number of people it affects, and by anger."""
    found = signals(ticket)
    urgency, trouble = highest(found.urgency), highest(found.trouble)
    impact = min(trouble + bool(found.scope) + bool(found.system), URGENT) if trouble > LOW else LOW
    level = _raised_by_anger(max(urgency, impact), found)
    # `No rush` somewhere in a text doesn't refer to an emergency.
    if found.denied_urgency and urgency < HIGH and trouble < URGENT:
        level = max(level - 1, LOW)
    return Prioritized(LEVELS[level], _reason(found, has_impact=impact > LOW))


def _raised_by_anger(level: int, found: Signals) -> int:
    anger = len(found.feeling) - len(found.praise)
    if anger >= MANY_ANGRY_WORDS:
        return max(level, min(level + 1, HIGH))
    return max(level, MEDIUM) if anger > 0 else level


def _reason(found: Signals, *, has_impact: bool) -> str:
    matches = {
        "urgency": found.urgency,
        "trouble": found.trouble,
        "many affected": found.scope if has_impact else {},
        "system": found.system if has_impact else {},
        "anger": found.feeling,
        "no rush": found.denied_urgency,
    }
    parts = [f"{kind}: {_listed(words)}" for kind, words in matches.items() if words]
    return "; ".join(parts)[:REASON_CHARACTERS] or NO_REASON


def _listed(matches: Matches) -> str:
    words = list(matches)
    return ", ".join(words[:MAX_REASON_WORDS]) + (" …" if len(words) > MAX_REASON_WORDS else "")
