"""The lowest rung: words that speak for a department. It needs nothing, takes microseconds and always answers."""

from ai_service.domain.answer import DecidedBy, Proposal
from ai_service.domain.departments import GENERAL, Departments
from ai_service.domain.evidence import Evidence, evidence
from ai_service.domain.telling import telling
from ai_service.domain.ticket_text import TicketText

NOTHING_FOUND = 30.0
HIGHEST = 75.0


class KeywordRung:
    """Counts the different words that speak for each department; those that prove most decide."""

    name: DecidedBy = "keywords"

    def read(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose a department with min(50 + 10 per word, 75), or the fallback with 30 without proof."""
        found = evidence(telling(ticket), departments)
        if not found:
            return Proposal(departments.fallback(), NOTHING_FOUND, "no known word")
        # Ties go to the department that is named more often, then by the list's order; General loses every tie.
        order = {name: place for place, name in enumerate(departments.names)}
        best = max(
            found,
            key=lambda name: (found[name].total, name != GENERAL, found[name].words.total(), -order[name]),
        )
        words = list(found[best].words)
        said = f"{_count(len(words))} of {best}: {', '.join(words)}"
        if not _proves(best, found[best]):
            return Proposal(departments.fallback(), NOTHING_FOUND, f"{said}: of several senses, too little to be sure")
        return Proposal(best, score(len(words)), said)


def _proves(department: str, found: Evidence) -> bool:
    # `question`, `information` and `idea` stand in tickets for every department, however many of them.
    return found.is_enough and (department != GENERAL or found.has_clear_word)


def score(hits: int) -> float:
    """Return the confidence that so many different words give."""
    return min(50.0 + 10.0 * hits, HIGHEST)


def _count(words: int) -> str:
    return "1 word" if words == 1 else f"{words} words"
