"""All that is said about a ticket: where it belongs, its category, how urgent it is."""

from dataclasses import dataclass
from uuid import UUID

from ai_service.domain.answer import Answer
from ai_service.domain.priority.levels import Prioritized
from ai_service.domain.team import TeamMatch
from ai_service.domain.usage import Usage

UNREAD_CATEGORY = "back"
"""The category of a ticket that nothing has read."""


@dataclass(frozen=True)
class Categorized:
    """What this service says about a ticket."""

    answer: Answer
    prioritized: Prioritized
    key: UUID
    """Stands for the text and the list it was read for."""
    cached: bool
    worth_keeping: bool
    """True where it was paid for just now: the other processes should know it too."""
    duration_ms: float
    team: TeamMatch | None = None
    """The team it resembles most; None where nobody looked."""
    usage: Usage | None = None
    """What a paid model used for it just now, whether its answer was taken or not."""
    shadow: Answer | None = None
    """What would have been said by who acts on nothing; None where nobody reads in the shadow."""

    @property
    def category(self) -> str:
        """Return the category: the department's name, as long as no model knows finer ones."""
        return UNREAD_CATEGORY if self.answer.decided_by == "nobody" else self.answer.department
