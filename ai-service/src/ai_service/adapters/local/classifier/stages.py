"""The local classifier's two stages of the cascade: a trained head, and a zero-shot classifier."""

from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

from ai_service.domain.cascade import ClassifierFailed
from ai_service.domain.classification import DecidedBy, LocalScores, Proposal
from ai_service.domain.content import has_content
from ai_service.domain.departments import Departments
from ai_service.domain.keywords import NOTHING_FOUND, KeywordClassifier
from ai_service.domain.ticket_text import TicketText

ABSTENTION_CONFIDENCE = 30.0
"""The confidence that an abstention carries, as with the keywords."""
READ_CHARACTERS = 4_000
MAX_ZERO_SHOT_CONFIDENCE = 60.0
"""The highest confidence of an answer without training."""
MIN_TYPICALITY = -1.0
"""A text with a lower `Classification.typicality` needs a second opinion: the head's department is accepted only if the
keywords or the departments' descriptions name it, too. The head's precision was measured on texts like its examples."""
MIN_TYPICALITY_OF_UNKNOWN_LABEL = -0.5
"""The limit if the keywords name a department of which the head has hardly any examples. With both limits, and with
greetings left to a person, 10 to 14 of 240 everyday tickets are misrouted after trainings on eight sets (14 to 36
without, 10 with no training); of tickets like the examples 1 to 7 points fewer are right (docs/models.md)."""


class Embeds(Protocol):
    """Turns texts into vectors."""

    def embed(self, texts: list[str]) -> Any:
        """Return one row per text."""


def ticket_as_text(ticket: TicketText) -> str:
    """Return a ticket as one text for the encoder and the heads."""
    return f"{ticket.title}\n{ticket.description}"[:READ_CHARACTERS]


def _classify(head: Any, encoder: Embeds, ticket: TicketText) -> tuple[Any, LocalScores]:
    text = ticket_as_text(ticket)
    [result] = head.classify([text], encoder.embed([text]))
    figures = LocalScores(result.label, round(result.confidence, 4), round(result.similarity, 4))
    return result, figures


@dataclass(frozen=True)
class TrainedStage:
    """A head trained on this company's decisions. If it abstains, the next stage decides."""

    head: Any
    encoder: Embeds
    threshold: float | None = None
    """The company's threshold; one below the head's has no effect, since the guaranteed precision needs the head's."""
    descriptions: "ZeroShotStage | None" = None
    """The zero-shot stage, which gives a second opinion on unusual texts."""
    name: DecidedBy = "bert"

    def classify(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose the department that people chose for similar tickets, or abstain with the reason."""
        result, figures = _classify(self.head, self.encoder, ticket)
        if departments.find(result.label) is None:
            # The department was closed after the training.
            raise ClassifierFailed("unknown_department")
        abstention_reason = (
            result.abstention_reason
            or self._below_company_threshold(result)
            or self._lacks_second_opinion(result, ticket, departments)
        )
        if abstention_reason:
            return Proposal(
                departments.fallback(), ABSTENTION_CONFIDENCE, abstention_reason, self.head.version, figures
            )
        nearest = ", ".join(f"{each.subject}" for each in result.neighbours[:3] if each.label == result.label)
        reason = f"like the tickets {nearest}" if nearest else f"{result.confidence:.0%} likely"
        return Proposal(result.label, figures.confidence * 100, reason, self.head.version, figures)

    def _below_company_threshold(self, result: Any) -> str:
        if self.threshold is None or result.confidence >= self.threshold:
            return ""
        return f"{result.label} is {result.confidence:.0%} likely, the company asks for {self.threshold:.0%}"

    def _lacks_second_opinion(self, result: Any, ticket: TicketText, departments: Departments) -> str:
        """Return the reason if an unusual text needs a second opinion that names the head's department, and has none.

        A second opinion is needed because a head finds one of its departments likely for any text, even a greeting.
        """
        if result.typicality < inf and not has_content(ticket):
            return "nothing but greetings and common words"
        if result.typicality >= MIN_TYPICALITY_OF_UNKNOWN_LABEL:
            return ""
        named = KeywordClassifier().classify(ticket, departments)
        proved = named.confidence != NOTHING_FOUND
        if proved and named.department == result.label:
            return ""
        if proved and named.department != departments.fallback():
            if result.typicality < MIN_TYPICALITY or named.department not in self.head.known:
                return f"it is unlike most tickets that the model was trained on, and its words name {named.department}"
            return ""
        if result.typicality >= MIN_TYPICALITY or self._zero_shot_department(ticket, departments) == result.label:
            return ""
        return f"it is unlike most tickets that the model was trained on, and nothing else in it names {result.label}"

    def _zero_shot_department(self, ticket: TicketText, departments: Departments) -> object:
        """Return the department whose description the text resembles; None if it resembles none."""
        if self.descriptions is None:
            return None
        try:
            return self.descriptions.classify(ticket, departments).department
        except ClassifierFailed:
            return None


@dataclass(frozen=True)
class ZeroShotStage:
    """The zero-shot classifier, which uses the departments' names and descriptions only."""

    head: Any
    encoder: Embeds
    name: DecidedBy = "bert"

    def classify(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose the department whose description a text resembles. Raises ClassifierFailed if it resembles none."""
        if not has_content(ticket):
            raise ClassifierFailed("no_content")
        result, figures = _classify(self.head, self.encoder, ticket)
        if result.abstention_reason:
            raise ClassifierFailed("unlike_all")
        confidence = min(figures.confidence * 100, MAX_ZERO_SHOT_CONFIDENCE)
        return Proposal(result.label, confidence, f"resembles what {result.label} is for", self.head.version, figures)
