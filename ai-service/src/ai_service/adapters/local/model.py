"""The local model as the ladder and the matching of teams see it."""

from typing import Any

from model_kit.local import LocalEncoder

from ai_service.adapters.local.heads import Heads
from ai_service.adapters.local.insight import reasons
from ai_service.adapters.local.teams import TeamMatching
from ai_service.classifier.stages import READ_CHARACTERS, TrainedStage, ZeroShotStage, ticket_as_text
from ai_service.domain.company import Company
from ai_service.domain.ladder import Rung
from ai_service.domain.team import TeamMatch, beside_learnt, learnt
from ai_service.domain.ticket_text import TicketText


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
        cold = self._heads.cold(known.departments)
        last = ZeroShotStage(cold, self._encoder) if cold is not None else None
        if head is None:
            return [], last
        return [TrainedStage(head, self._encoder, known.ladder.local_threshold, last)], last

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
        text = ticket_as_text(ticket)
        head = self._team_head(company, known)
        if head is None:
            return self._teams.match(company, text, known.teams)
        # Read a moment ago for its department, so its vector is at hand.
        [judged] = head.classify([text], self._encoder.embed([text]))
        team = learnt(judged.label, judged.similarity, judged.abstention_reason, [each.team_id for each in known.teams])
        return team or beside_learnt(self._teams.match(company, text, known.teams), head.labels)

    def _team_head(self, company: int, known: Company) -> Any | None:
        if known.model is None or known.team_head_run is None:
            return None
        return self._heads.of_teams(company, known.model, known.team_head_run)
