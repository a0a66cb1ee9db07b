"""The local model: classifiers of departments, team matching and explanations."""

from pathlib import Path
from typing import Any

from model_kit.local import LocalEncoder, local_encoder
from service_kit.database.engine import Database

from ai_service.adapters.local.classifier.stages import READ_CHARACTERS, TrainedStage, ZeroShotStage, ticket_as_text
from ai_service.adapters.local.explanation import explain
from ai_service.adapters.local.heads import Heads
from ai_service.adapters.local.team_matching import TeamMatcher, texts_from
from ai_service.adapters.local.tuned_encoders import TunedEncoders
from ai_service.domain.cascade import Classifier
from ai_service.domain.company import Company
from ai_service.domain.team import TeamMatch, from_head, reject_known_labels
from ai_service.domain.ticket_text import TicketText


class LocalModel:
    """Classifies tickets on this machine, once its encoder is ready."""

    def __init__(self, encoder: LocalEncoder, heads: Heads, teams: TeamMatcher | None = None) -> None:
        """Without `teams` no team is matched."""
        self._encoder = encoder
        self._heads = heads
        self._teams = teams

    @property
    def encoder(self) -> str | None:
        """Return the encoder's name; None until it is ready."""
        return self._encoder.name if self._encoder.ready() else None

    def classifiers(self, company_id: int, company: Company) -> tuple[list[Classifier], Classifier | None]:
        """Return the company's trained classifiers, and the zero-shot classifier."""
        if not self._encoder.ready():
            return [], None
        head = self._heads.trained(company_id, company.model) if company.model else None
        zero_shot_head = self._heads.zero_shot(company.departments)
        zero_shot = ZeroShotStage(zero_shot_head, self._encoder) if zero_shot_head is not None else None
        if head is None:
            return [], zero_shot
        return [TrainedStage(head, self._encoder, company.cascade.local_threshold, zero_shot)], zero_shot

    def explain(self, company_id: int, company: Company, text: str) -> dict[str, Any] | None:
        """Explain how the company's head classifies a text, as JSON values; None without a head."""
        if not self._encoder.ready():
            return None
        head = self._heads.trained(company_id, company.model) if company.model else None
        head = head or self._heads.zero_shot(company.departments)
        return None if head is None else explain(head, self._encoder, text[:READ_CHARACTERS])

    def match_team(self, company_id: int, ticket: TicketText, company: Company) -> TeamMatch | None:
        """Return the team by the company's head for teams, else the most similar one; None where no team matches."""
        if self._teams is None or not company.teams or not self._encoder.ready():
            return None
        text = ticket_as_text(ticket)
        head = self._team_head(company_id, company)
        if head is None:
            return self._teams.match(company_id, text, company.teams)
        # The encoder has the vector in its cache, from the classification of the department.
        [judged] = head.classify([text], self._encoder.embed([text]))
        team = from_head(
            judged.label, judged.similarity, judged.abstention_reason, [each.team_id for each in company.teams]
        )
        return team or reject_known_labels(self._teams.match(company_id, text, company.teams), head.labels)

    def _team_head(self, company_id: int, company: Company) -> Any | None:
        if company.model is None or company.team_head_run is None:
            return None
        return self._heads.of_teams(company_id, company.model, company.team_head_run)


def local_model(database: Database, encoder_folder: Path) -> LocalModel:
    """Return the local model with the encoder of a folder; loads nothing yet."""
    encoder = local_encoder(encoder_folder)
    heads = Heads(database, encoder, TunedEncoders(database, encoder_folder))
    return LocalModel(encoder, heads, TeamMatcher(encoder, texts_from(database)))
