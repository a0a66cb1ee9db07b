"""Which priority a ticket gets: the company's rule that fits first, else what the text claims.

Either only proposes; a priority that a person gave outranks it where tickets are kept.
"""

from collections.abc import Sequence

from ai_service.domain.priority.levels import LEVELS, REASON_CHARACTERS, Prioritized, Priority
from ai_service.domain.priority.rules import Rule, first_fit
from ai_service.domain.priority.signals import Said, Signals, highest, signals
from ai_service.domain.ticket_text import TicketText

LOW, MEDIUM, HIGH, URGENT = range(len(LEVELS))

MANY_BAD_WORDS = 2
"""One word of anger makes a matter medium, two raise it by a level, and never beyond high: anger is no emergency."""

BY_HAND = "the company sets priorities by hand (auto_prioritize is off)"
BY_MACHINE = "a machine sent it: an absence note, a delivery report or a newsletter"
NO_REASON = "nothing in the text asks for haste"
WORDS_TOLD = 5


def prioritize(ticket: TicketText, rules: Sequence[Rule] = (), department: str | None = None) -> Prioritized:
    """Say how urgent a ticket is, and why. Never raises.

    `rules` are the company's, in order; `department` is where the ticket belongs, None where nobody has read it.
    """
    fitting = first_fit(rules, ticket, department)
    if fitting is None and ticket.automatic:
        return Prioritized(LEVELS[LOW], BY_MACHINE)
    return fitting or claimed(ticket)


def kept(came_with: Priority) -> Prioritized:
    """Return the priority that a ticket came with, for a company that sets priorities by hand."""
    return Prioritized(came_with, BY_HAND)


def claimed(ticket: TicketText) -> Prioritized:
    """Say how urgent a text makes itself: haste, trouble and how many it hits, anger."""
    found = signals(ticket)
    haste, trouble = highest(found.urgency), highest(found.trouble)
    hit = min(trouble + bool(found.scope) + bool(found.system), URGENT) if trouble > LOW else LOW
    level = _angered(max(haste, hit), found)
    # Whoever says somewhere that something can wait doesn't speak of the fire.
    if found.no_hurry and haste < HIGH and trouble < URGENT:
        level = max(level - 1, LOW)
    return Prioritized(LEVELS[level], _reason(found, hit=hit > LOW))


def _angered(level: int, found: Signals) -> int:
    anger = len(found.feeling) - len(found.praise)
    if anger >= MANY_BAD_WORDS:
        return max(level, min(level + 1, HIGH))
    return max(level, MEDIUM) if anger > 0 else level


def _reason(found: Signals, *, hit: bool) -> str:
    told = {
        "haste": found.urgency,
        "trouble": found.trouble,
        "hits many": found.scope if hit else {},
        "system": found.system if hit else {},
        "anger": found.feeling,
        "no hurry": found.no_hurry,
    }
    parts = [f"{what}: {_words(said)}" for what, said in told.items() if said]
    return "; ".join(parts)[:REASON_CHARACTERS] or NO_REASON


def _words(said: Said) -> str:
    words = list(said)
    return ", ".join(words[:WORDS_TOLD]) + (" …" if len(words) > WORDS_TOLD else "")
