"""The lowest rung: words that speak for a department. It needs nothing, takes microseconds and always answers."""

from collections import Counter
from functools import lru_cache

from ai_service.domain.answer import DecidedBy, Proposal
from ai_service.domain.departments import GENERAL, Departments
from ai_service.domain.ticket_text import TicketText, plurals
from ai_service.domain.vocabulary import words_of

NOTHING_FOUND = 30.0
HIGHEST = 75.0


class KeywordRung:
    """Counts the different words that speak for each department; the most words win."""

    name: DecidedBy = "keywords"

    def read(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose a department with min(50 + 10 per word, 75), or the fallback with 30 where no word is known."""
        found = _found(ticket, _vocabulary(departments))
        if not found:
            return Proposal(departments.fallback(), NOTHING_FOUND, "no known word")
        # Of equals the one named more often, then the list's order; General only where nobody else is as good.
        order = {name: place for place, name in enumerate(departments.names)}
        best = max(
            found,
            key=lambda name: (len(found[name]), name != GENERAL, found[name].total(), -order[name]),
        )
        words = ", ".join(found[best])
        return Proposal(best, score(len(found[best])), f"{_count(len(found[best]))} of {best}: {words}")


def score(hits: int) -> float:
    """Return the confidence that so many different words give."""
    return min(50.0 + 10.0 * hits, HIGHEST)


def _found(ticket: TicketText, vocabulary: dict[str, tuple[str, str]]) -> dict[str, "Counter[str]"]:
    found: dict[str, Counter[str]] = {}
    for written in ticket.words:
        if written in vocabulary:
            word, department = vocabulary[written]
            found.setdefault(department, Counter())[word] += 1
    return found


@lru_cache(maxsize=512)
def _vocabulary(departments: Departments) -> dict[str, tuple[str, str]]:
    """Return each form a word is written in, with the word and the department it speaks for."""
    words = words_of(departments)
    forms = {form: (word, name) for word, name in words.items() for form in plurals(word)}
    # A word outranks what only looks like another's plural.
    return forms | {word: (word, name) for word, name in words.items()}


def _count(words: int) -> str:
    return "1 word" if words == 1 else f"{words} words"
