"""To which role a task is escalated."""

from collections.abc import Collection

from workflow_service.domain.definition import ADMIN, AGENT, LEAD, MANAGER, Step

RANKS = (AGENT, LEAD, MANAGER, ADMIN)


class AlreadyEscalated(Exception):
    """The task was escalated to every role above its step already."""

    def __init__(self) -> None:
        super().__init__("The task was escalated to every role above its step.")


def remaining_roles(step: Step, escalated_to: Collection[str]) -> tuple[str, ...]:
    """Return the roles that a step's task may still be escalated to, the next one first; raise AlreadyEscalated.

    The first of all is the step's `escalate_to`, or without one the next role above the step's own.
    """
    roles = tuple(role for role in roles_above(step) if role not in escalated_to)
    if not roles:
        raise AlreadyEscalated
    return roles


def roles_above(step: Step) -> tuple[str, ...]:
    """Return the roles that a step's task may be escalated to, the first one first; none above an admin's step."""
    above = RANKS[RANKS.index(step.role) + 1 :]
    return above[above.index(step.escalate_to) :] if step.escalate_to in above else above
