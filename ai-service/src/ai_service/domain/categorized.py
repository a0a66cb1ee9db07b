"""All that is said about a ticket: where it belongs, its category, how urgent it claims to be."""

from dataclasses import dataclass
from uuid import UUID

from ai_service.domain.answer import Answer
from ai_service.domain.urgency import Priority


@dataclass(frozen=True)
class Categorized:
    """What this service says about a ticket."""

    answer: Answer
    priority: Priority
    key: UUID
    """Stands for the text and the list it was read for."""
    cached: bool
    worth_keeping: bool
    """True where it was paid for just now: the other processes should know it too."""
    duration_ms: float

    @property
    def category(self) -> str:
        """Return the category: the department's name, as long as no model knows finer ones."""
        return self.answer.department
