"""The local model as the ladder and the matching of teams see it."""

from dataclasses import dataclass
from typing import Any

from model_kit.local import LocalEncoder

from ai_service.adapters.local.heads import Heads
from ai_service.adapters.local.insight import reasons
from ai_service.adapters.local.teams import TeamMatching
from ai_service.domain.answer import DecidedBy, Figures, Proposal
from ai_service.domain.company import Company
from ai_service.domain.departments import Departments
from ai_service.domain.ladder import Rung, RungFailed
from ai_service.domain.team import TeamMatch, beside_learnt, learnt
from ai_service.domain.ticket_text import TicketText

ABSTAINED = 30.0
"""The confidence of what waits for a person, as with the keywords."""
READ_CHARACTERS = 4_000
COLD_MOST = 60.0
"""Whoever has learnt nothing is never surer than this."""


class LocalModel:
    """Reads tickets on this machine, once its encoder is ready."""

    def __init__(self, encoder: LocalEncoder, heads: Heads, teams: TeamMatching | None = None) -> None:
        """Without `teams` no ticket is matched with any."""
        self._encoder = encoder
        self._heads = heads
        self._teams = teams

    @property
    def encoder(self) -> str | None:
        """Return the encoder's name; None until it is ready."""
        return self._encoder.name if self._encoder.ready() else None

    def rungs(self, company: int, known: Company) -> tuple[list[Rung], Rung | None]:
        """Return the company's own rungs, and the one to ask where no word is known."""
        if not self._encoder.ready():
            return [], None
        head = self._heads.trained(company, known.model) if known.model else None
        if head is not None:
            return [_Trained(head, self._encoder, known.ladder.local_threshold)], None
        cold = self._heads.cold(known.departments)
        return [], _Cold(cold, self._encoder) if cold is not None else None

    def insight(self, company: int, known: Company, text: str) -> dict[str, Any] | None:
        """Return what the company's head sees in a text, as JSON values; None where there is none."""
        if not self._encoder.ready():
            return None
        head = self._heads.trained(company, known.model) if known.model else None
        head = head or self._heads.cold(known.departments)
        return None if head is None else reasons(head, self._encoder, text[:READ_CHARACTERS])

    def team(self, company: int, ticket: TicketText, known: Company) -> TeamMatch | None:
        """Return the team that people give such tickets to, as far as that was learnt.

        Else the one whose tickets or description it resembles; None where nobody can tell.
        """
        if self._teams is None or not known.teams or not self._encoder.ready():
            return None
        text = _text(ticket)
        head = self._team_head(company, known)
        if head is None:
            return self._teams.match(company, text, known.teams)
        # Read a moment ago for its department, so its vector is at hand.
        [judged] = head.judge([text], self._encoder.embed([text]))
        team = learnt(judged.label, judged.similarity, judged.doubt, [each.team_id for each in known.teams])
        return team or beside_learnt(self._teams.match(company, text, known.teams), head.labels)

    def _team_head(self, company: int, known: Company) -> Any | None:
        if known.model is None or known.team_head_run is None:
            return None
        return self._heads.of_teams(company, known.model, known.team_head_run)


def _text(ticket: TicketText) -> str:
    return f"{ticket.title}\n{ticket.description}"[:READ_CHARACTERS]


def _judge(head: Any, encoder: LocalEncoder, ticket: TicketText) -> tuple[Any, Figures]:
    text = _text(ticket)
    [judged] = head.judge([text], encoder.embed([text]))
    figures = Figures(judged.label, round(judged.confidence, 4), round(judged.similarity, 4))
    return judged, figures


@dataclass(frozen=True)
class _Trained:
    """A head that learnt from this company's people. Where it doubts, a person decides."""

    head: Any
    encoder: LocalEncoder
    threshold: float | None = None
    """The company's own; one below the head's changes nothing, for that one is what the promise rests on."""
    name: DecidedBy = "bert"

    def read(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose what people decided about such tickets, or that a person decides now."""
        judged, figures = _judge(self.head, self.encoder, ticket)
        if departments.find(judged.label) is None:
            # A department that was closed since; the next training knows.
            raise RungFailed("not_of_the_list", "well")
        doubt = judged.doubt
        if not doubt and self.threshold is not None and judged.confidence < self.threshold:
            doubt = f"{judged.label} is {judged.confidence:.0%} likely, the company asks for {self.threshold:.0%}"
        if doubt:
            return Proposal(departments.fallback(), ABSTAINED, doubt, self.head.version, figures)
        nearest = ", ".join(f"{each.subject}" for each in judged.neighbours[:3] if each.label == judged.label)
        reason = f"like the tickets {nearest}" if nearest else f"{judged.confidence:.0%} likely"
        return Proposal(judged.label, figures.confidence * 100, reason, self.head.version, figures)


@dataclass(frozen=True)
class _Cold:
    """A head that knows names and descriptions only."""

    head: Any
    encoder: LocalEncoder
    name: DecidedBy = "bert"

    def read(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Propose the department whose description a text resembles; raise RungFailed where it resembles none."""
        judged, figures = _judge(self.head, self.encoder, ticket)
        if judged.doubt:
            raise RungFailed("unlike_all", "well")
        confidence = min(figures.confidence * 100, COLD_MOST)
        return Proposal(judged.label, confidence, f"resembles what {judged.label} is for", self.head.version, figures)
