"""The result of categorizing a ticket: department, category, priority and team."""

from dataclasses import dataclass
from uuid import UUID

from ai_service.domain.classification import Classification
from ai_service.domain.priority.levels import Prioritized
from ai_service.domain.team import TeamMatch
from ai_service.domain.usage import Usage

UNREAD_CATEGORY = "back"
"""The category of a ticket that no classifier has read."""


@dataclass(frozen=True)
class Categorization:
    """Department, priority and team of a ticket, and how they were found."""

    classification: Classification
    prioritized: Prioritized
    key: UUID
    """The cache key: a digest of the text, the departments and the models."""
    cached: bool
    shareable: bool
    """True where a paid model answered just now, so that the shared cache should have the answer."""
    duration_ms: float
    team: TeamMatch | None = None
    """The most similar team; None where teams were not matched."""
    usage: Usage | None = None
    """The cost of a paid model's call, also where its answer was not used."""
    shadow: Classification | None = None
    """The shadow model's classification; None where shadow mode is off."""

    @property
    def category(self) -> str:
        """Return the category: the department's name, as long as no model knows finer categories."""
        return UNREAD_CATEGORY if self.classification.decided_by == "nobody" else self.classification.department
