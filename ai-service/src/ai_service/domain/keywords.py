"""The keyword classifier, last of the cascade: it needs no model, takes microseconds and always answers."""

from ai_service.domain.classification import DecidedBy, Proposal
from ai_service.domain.departments import GENERAL, Departments
from ai_service.domain.evidence import Evidence, find_evidence
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.tokens import tokenize

NOTHING_FOUND = 30.0
"""The confidence of a proposal without enough evidence; below the threshold of an abstention."""
MAX_CONFIDENCE = 75.0


class KeywordClassifier:
    """Counts the different words that are evidence for each department and proposes the one with the most."""

    name: DecidedBy = "keywords"

    def classify(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose a department with confidence min(50 + 10 per word, 75), or the fallback with 30 without evidence."""
        found = find_evidence(tokenize(ticket), departments)
        if not found:
            return Proposal(departments.fallback(), NOTHING_FOUND, "no known word")
        # Ties go to the department with the most occurrences, then to the first of the list; General loses every tie.
        order = {name: position for position, name in enumerate(departments.names)}
        best = max(
            found,
            key=lambda name: (found[name].points_total, name != GENERAL, found[name].words.total(), -order[name]),
        )
        words = list(found[best].words)
        reason = f"{_count(len(words))} of {best}: {', '.join(words)}"
        if not _is_enough(best, found[best]):
            return Proposal(
                departments.fallback(), NOTHING_FOUND, f"{reason}: of several senses, too little to be sure"
            )
        return Proposal(best, score(len(words)), reason)


def _is_enough(department: str, found: Evidence) -> bool:
    # `question`, `information` and `idea` occur in tickets for every department, however many of them there are.
    return found.is_enough and (department != GENERAL or found.has_strong_word)


def score(hits: int) -> float:
    """Return the confidence for a number of different words."""
    return min(50.0 + 10.0 * hits, MAX_CONFIDENCE)


def _count(words: int) -> str:
    return "1 word" if words == 1 else f"{words} words"
