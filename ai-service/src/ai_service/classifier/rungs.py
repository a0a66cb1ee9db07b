"""The rungs of the ladder that the local classifier stands on: a head that learnt from people, and one that didn't."""

from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

from ai_service.domain.cascade import ClassifierFailed
from ai_service.domain.classification import DecidedBy, LocalScores, Proposal
from ai_service.domain.content import has_content
from ai_service.domain.departments import Departments
from ai_service.domain.keywords import NOTHING_FOUND, KeywordClassifier
from ai_service.domain.ticket_text import TicketText

ABSTAINED = 30.0
"""The confidence of an abstention, as with the keywords."""
READ_CHARACTERS = 4_000
COLD_MOST = 60.0
"""The highest confidence of a head that learnt nothing."""
UNUSUAL = -1.0
"""A text that lies farther from what was learnt than this (`Judgement.usual`) needs a second opinion: the head is
relied on only where the keywords or the departments' descriptions name its department, too. How right a head is was
measured on texts like those it learnt from."""
UNUSUAL_OF_UNKNOWN = -0.5
"""The same limit where the keywords name a department of which the head knows next to no tickets. With both, and with
texts of greetings left to a person, 10 to 14 of 240 everyday tickets are misrouted after trainings on eight sets (14 to
36 without, 10 with no training); of tickets like those learnt from 1 to 7 points fewer are right (docs/models.md)."""


class Embeds(Protocol):
    """Turns texts into vectors."""

    def embed(self, texts: list[str]) -> Any:
        """Return one row per text."""


def read_as(ticket: TicketText) -> str:
    """Return a ticket as the one text that heads read."""
    return f"{ticket.title}\n{ticket.description}"[:READ_CHARACTERS]


def _judge(head: Any, encoder: Embeds, ticket: TicketText) -> tuple[Any, LocalScores]:
    text = read_as(ticket)
    [judged] = head.judge([text], encoder.embed([text]))
    figures = LocalScores(judged.label, round(judged.confidence, 4), round(judged.similarity, 4))
    return judged, figures


@dataclass(frozen=True)
class Trained:
    """A head that learnt from this company's people. It abstains where it doubts; then the next rung decides."""

    head: Any
    encoder: Embeds
    threshold: float | None = None
    """The company's own; one below the head's changes nothing, because the promised precision rests on the head's."""
    descriptions: "Cold | None" = None
    """The head that knows the departments' descriptions, asked for a second opinion on unusual texts."""
    name: DecidedBy = "bert"

    def classify(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose the department that people gave such tickets to, or abstain and say why."""
        judged, figures = _judge(self.head, self.encoder, ticket)
        if departments.find(judged.label) is None:
            # A department that was closed since; the next training knows.
            raise ClassifierFailed("unknown_department", "well")
        doubt = judged.doubt or self._too_unsure(judged) or self._alone(judged, ticket, departments)
        if doubt:
            return Proposal(departments.fallback(), ABSTAINED, doubt, self.head.version, figures)
        nearest = ", ".join(f"{each.subject}" for each in judged.neighbours[:3] if each.label == judged.label)
        reason = f"like the tickets {nearest}" if nearest else f"{judged.confidence:.0%} likely"
        return Proposal(judged.label, figures.confidence * 100, reason, self.head.version, figures)

    def _too_unsure(self, judged: Any) -> str:
        if self.threshold is None or judged.confidence >= self.threshold:
            return ""
        return f"{judged.label} is {judged.confidence:.0%} likely, the company asks for {self.threshold:.0%}"

    def _alone(self, judged: Any, ticket: TicketText, departments: Departments) -> str:
        """Return why the head's department isn't relied on where nothing else names it; empty where it is.

        A head finds one of its departments likely whatever it reads, also a greeting.
        """
        if judged.usual < inf and not has_content(ticket):
            return "nothing but greetings and common words"
        if judged.usual >= UNUSUAL_OF_UNKNOWN:
            return ""
        named = KeywordClassifier().classify(ticket, departments)
        proved = named.confidence != NOTHING_FOUND
        if proved and named.department == judged.label:
            return ""
        if proved and named.department != departments.fallback():
            if judged.usual < UNUSUAL or named.department not in self.head.known:
                return f"it is unlike most tickets that were learnt from, and its words name {named.department}"
            return ""
        if judged.usual >= UNUSUAL or self._described(ticket, departments) == judged.label:
            return ""
        return f"it is unlike most tickets that were learnt from, and nothing else in it names {judged.label}"

    def _described(self, ticket: TicketText, departments: Departments) -> object:
        """Return the department whose description the text resembles; None where it resembles none."""
        if self.descriptions is None:
            return None
        try:
            return self.descriptions.classify(ticket, departments).department
        except ClassifierFailed:
            return None


@dataclass(frozen=True)
class Cold:
    """A head that knows names and descriptions only."""

    head: Any
    encoder: Embeds
    name: DecidedBy = "bert"

    def classify(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose the department whose description a text resembles; raise ClassifierFailed where it resembles none."""
        if not has_content(ticket):
            raise ClassifierFailed("no_content", "well")
        judged, figures = _judge(self.head, self.encoder, ticket)
        if judged.doubt:
            raise ClassifierFailed("unlike_all", "well")
        confidence = min(figures.confidence * 100, COLD_MOST)
        return Proposal(judged.label, confidence, f"resembles what {judged.label} is for", self.head.version, figures)
