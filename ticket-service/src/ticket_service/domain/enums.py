"""The enumerations and fixed values of a ticket's fields."""

from enum import StrEnum


class Status(StrEnum):
    """The progress of people's work on a ticket."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Run(StrEnum):
    """The state of the agent workflow's run for a ticket."""

    PENDING = "pending"
    PROCESSING = "processing"
    AWAITING_APPROVAL = "awaiting_approval"
    COMPLETED = "completed"
    FAILED_PERMANENT = "failed_permanent"


class Priority(StrEnum):
    """How urgent a ticket is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


PERSON = "person"
"""The `decided_by` of a routing that a person made."""

UNREAD_CATEGORY = "back"
"""The category of a ticket before the first prediction."""
