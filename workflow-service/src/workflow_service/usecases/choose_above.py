"""Choose who gets an escalated task."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow_service.domain.deal import Choice, pool_name
from workflow_service.domain.definition import Definition
from workflow_service.domain.task import Task
from workflow_service.usecases.dealer import Dealer, need_of


@dataclass(frozen=True)
class Escalation:
    """The role that a task is escalated to, the roles that are done by it, and the person who gets the task."""

    role: str
    done: Sequence[str]
    choice: Choice


def choose_above(dealer: Dealer, task: Task, definition: Definition, roles: Sequence[str]) -> Escalation:
    """Choose among the people of the first of the roles in which somebody else than the assignee can take the task.

    The roles before it are done, too: a task never goes down. Where there is nobody in any of them, the first role
    is done and no person chosen. The dealer has loaded the pools of all roles.
    """
    left_out = [task.assigned_user] if task.assigned_user else []
    choices = []
    for index, role in enumerate(roles):
        name = pool_name(role, task.team_id, task.department)
        choice = dealer.choose(task.company_id, name, need_of(definition, role, left_out))
        if choice.email is not None:
            return Escalation(role, roles[: index + 1], choice)
        choices.append(choice)
    return Escalation(roles[0], roles[:1], choices[0])
