"""The rungs of the ladder that the local classifier stands on: a head that learnt from people, and one that didn't."""

from dataclasses import dataclass
from typing import Any, Protocol

from ai_service.domain.answer import DecidedBy, Figures, Proposal
from ai_service.domain.departments import Departments
from ai_service.domain.keywords import NOTHING_FOUND, KeywordRung
from ai_service.domain.ladder import RungFailed
from ai_service.domain.ticket_text import TicketText

ABSTAINED = 30.0
"""The confidence of an abstention, as with the keywords."""
READ_CHARACTERS = 4_000
COLD_MOST = 60.0
"""The highest confidence of a head that learnt nothing."""
UNUSUAL = -1.0
UNUSUAL_OF_UNKNOWN = -0.5
"""Where a text lies farther from what was learnt than this (`Judgement.usual`), the head doesn't overrule keywords that
name another department. The second one holds where the head knows next to no tickets of that department. With both, 43
of 44 everyday tickets stay right on six sets on which 36 to 42 did, and on tickets like those learnt from 0.4 to 6
points fewer are right; most where two departments alone were taught and the keywords name a third (docs/models.md)."""


class Embeds(Protocol):
    """Turns texts into vectors."""

    def embed(self, texts: list[str]) -> Any:
        """Return one row per text."""


def read_as(ticket: TicketText) -> str:
    """Return a ticket as the one text that heads read."""
    return f"{ticket.title}\n{ticket.description}"[:READ_CHARACTERS]


def _judge(head: Any, encoder: Embeds, ticket: TicketText) -> tuple[Any, Figures]:
    text = read_as(ticket)
    [judged] = head.judge([text], encoder.embed([text]))
    figures = Figures(judged.label, round(judged.confidence, 4), round(judged.similarity, 4))
    return judged, figures


@dataclass(frozen=True)
class Trained:
    """A head that learnt from this company's people. It abstains where it doubts; then the next rung decides."""

    head: Any
    encoder: Embeds
    threshold: float | None = None
    """The company's own; one below the head's changes nothing, because the promised precision rests on the head's."""
    name: DecidedBy = "bert"

    def read(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose the department that people gave such tickets to, or abstain and say why."""
        judged, figures = _judge(self.head, self.encoder, ticket)
        if departments.find(judged.label) is None:
            # A department that was closed since; the next training knows.
            raise RungFailed("not_of_the_list", "well")
        doubt = judged.doubt or self._too_unsure(judged) or self._beyond(judged, ticket, departments)
        if doubt:
            return Proposal(departments.fallback(), ABSTAINED, doubt, self.head.version, figures)
        nearest = ", ".join(f"{each.subject}" for each in judged.neighbours[:3] if each.label == judged.label)
        reason = f"like the tickets {nearest}" if nearest else f"{judged.confidence:.0%} likely"
        return Proposal(judged.label, figures.confidence * 100, reason, self.head.version, figures)

    def _too_unsure(self, judged: Any) -> str:
        if self.threshold is None or judged.confidence >= self.threshold:
            return ""
        return f"{judged.label} is {judged.confidence:.0%} likely, the company asks for {self.threshold:.0%}"

    def _beyond(self, judged: Any, ticket: TicketText, departments: Departments) -> str:
        """Say that an unusual ticket names another department; nothing where it doesn't.

        A head finds one of its departments likely whatever it reads. How right it is was measured on texts like those
        it learnt from, so of unusual ones the keywords know more.
        """
        named = KeywordRung().read(ticket, departments)
        if named.confidence == NOTHING_FOUND or named.department in (judged.label, departments.fallback()):
            return ""
        known = named.department in self.head.known
        if judged.usual >= (UNUSUAL if known else UNUSUAL_OF_UNKNOWN):
            return ""
        return f"it is unlike most tickets that were learnt from, and its words name {named.department}"


@dataclass(frozen=True)
class Cold:
    """A head that knows names and descriptions only."""

    head: Any
    encoder: Embeds
    name: DecidedBy = "bert"

    def read(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose the department whose description a text resembles; raise RungFailed where it resembles none."""
        judged, figures = _judge(self.head, self.encoder, ticket)
        if judged.doubt:
            raise RungFailed("unlike_all", "well")
        confidence = min(figures.confidence * 100, COLD_MOST)
        return Proposal(judged.label, confidence, f"resembles what {judged.label} is for", self.head.version, figures)
