"""The closed vocabularies of a ticket."""

from enum import StrEnum


class Status(StrEnum):
    """Where people are with a ticket."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Run(StrEnum):
    """What the agent workflow is doing with a ticket."""

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
"""The category of a ticket that nothing has read yet."""
