"""The rungs of the ladder that the local classifier stands on: a head that learnt from people, and one that didn't."""

from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

from ai_service.domain.answer import DecidedBy, Figures, Proposal
from ai_service.domain.content import has_content
from ai_service.domain.departments import Departments
from ai_service.domain.keywords import NOTHING_FOUND, KeywordRung
from ai_service.domain.ladder import RungFailed
from ai_service.domain.ticket_text import TicketText

ABSTENTION_CONFIDENCE = 30.0
"""The confidence of an abstention, as with the keywords."""
READ_CHARACTERS = 4_000
MAX_ZERO_SHOT_CONFIDENCE = 60.0
"""The highest confidence of a head that learnt nothing."""
MIN_TYPICALITY = -1.0
"""A text that lies farther from what was learnt than this (`Classification.usual`) needs a second opinion: the head is
relied on only where the keywords or the departments' descriptions name its department, too. How right a head is was
measured on texts like those it learnt from."""
MIN_TYPICALITY_OF_UNKNOWN_LABEL = -0.5
"""The same limit where the keywords name a department of which the head knows next to no tickets. With both, and with
texts of greetings left to a person, 10 to 14 of 240 everyday tickets are misrouted after trainings on eight sets (14 to
36 without, 10 with no training); of tickets like those learnt from 1 to 7 points fewer are right (docs/models.md)."""


class Embeds(Protocol):
    """Turns texts into vectors."""

    def embed(self, texts: list[str]) -> Any:
        """Return one row per text."""


def ticket_as_text(ticket: TicketText) -> str:
    """Return a ticket as the one text that heads read."""
    return f"{ticket.title}\n{ticket.description}"[:READ_CHARACTERS]


def _judge(head: Any, encoder: Embeds, ticket: TicketText) -> tuple[Any, Figures]:
    text = ticket_as_text(ticket)
    [judged] = head.classify([text], encoder.embed([text]))
    figures = Figures(judged.label, round(judged.confidence, 4), round(judged.similarity, 4))
    return judged, figures


@dataclass(frozen=True)
class TrainedStage:
    """A head that learnt from this company's people. It abstains where it doubts; then the next rung decides."""

    head: Any
    encoder: Embeds
    threshold: float | None = None
    """The company's own; one below the head's changes nothing, because the promised precision rests on the head's."""
    descriptions: "ZeroShotStage | None" = None
    """The head that knows the departments' descriptions, asked for a second opinion on unusual texts."""
    name: DecidedBy = "bert"

    def read(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose the department that people gave such tickets to, or abstain and say why."""
        judged, figures = _judge(self.head, self.encoder, ticket)
        if departments.find(judged.label) is None:
            # A department that was closed since; the next training knows.
            raise RungFailed("not_of_the_list", "well")
        doubt = judged.abstention_reason or self._too_unsure(judged) or self._alone(judged, ticket, departments)
        if doubt:
            return Proposal(departments.fallback(), ABSTENTION_CONFIDENCE, doubt, self.head.version, figures)
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
        if judged.typicality < inf and not has_content(ticket):
            return "nothing but greetings and common words"
        if judged.typicality >= MIN_TYPICALITY_OF_UNKNOWN_LABEL:
            return ""
        named = KeywordRung().read(ticket, departments)
        proved = named.confidence != NOTHING_FOUND
        if proved and named.department == judged.label:
            return ""
        if proved and named.department != departments.fallback():
            if judged.typicality < MIN_TYPICALITY or named.department not in self.head.known:
                return f"it is unlike most tickets that were learnt from, and its words name {named.department}"
            return ""
        if judged.typicality >= MIN_TYPICALITY or self._described(ticket, departments) == judged.label:
            return ""
        return f"it is unlike most tickets that were learnt from, and nothing else in it names {judged.label}"

    def _described(self, ticket: TicketText, departments: Departments) -> object:
        """Return the department whose description the text resembles; None where it resembles none."""
        if self.descriptions is None:
            return None
        try:
            return self.descriptions.read(ticket, departments).department
        except RungFailed:
            return None


@dataclass(frozen=True)
class ZeroShotStage:
    """A head that knows names and descriptions only."""

    head: Any
    encoder: Embeds
    name: DecidedBy = "bert"

    def read(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose the department whose description a text resembles; raise RungFailed where it resembles none."""
        if not has_content(ticket):
            raise RungFailed("no_content", "well")
        judged, figures = _judge(self.head, self.encoder, ticket)
        if judged.abstention_reason:
            raise RungFailed("unlike_all", "well")
        confidence = min(figures.confidence * 100, MAX_ZERO_SHOT_CONFIDENCE)
        return Proposal(judged.label, confidence, f"resembles what {judged.label} is for", self.head.version, figures)
