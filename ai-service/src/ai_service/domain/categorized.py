"""All that is said about a ticket: where it belongs, its category, how urgent it claims to be."""

from dataclasses import dataclass

from ai_service.domain.answer import Answer
from ai_service.domain.urgency import Priority


@dataclass(frozen=True)
class Categorized:
    """What this service says about a ticket."""

    answer: Answer
    priority: Priority
    cached: bool
    duration_ms: float

    @property
    def category(self) -> str:
        """Return the category: the department's name, as long as no model knows finer ones."""
        return self.answer.department
