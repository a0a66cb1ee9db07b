"""Move a task to another status or step, as a person decides."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain import moves
from workflow_service.domain.deal import Choice, pool_name
from workflow_service.domain.definition import LEAD, Definition
from workflow_service.domain.task import Mover, Task, TaskNotFound
from workflow_service.domain.ticket import NoTask, TicketNotFound
from workflow_service.store import tasks, tickets, users, workflows
from workflow_service.store.tasks import Change
from workflow_service.usecases.check_partners import check_partners
from workflow_service.usecases.dealer import Dealer, counts_open_tasks
from workflow_service.usecases.save_tasks import assign, next_version, save_changes

Decision = Callable[[Task, Definition, bool], Task]
"""Returns a task after a move; the flag says whether the mover may approve."""


@dataclass(frozen=True)
class Order:
    """A person's change of a task."""

    company_id: int
    task_id: int
    mover: Mover
    notes: str
    precondition: Precondition[Task]
    cause: Cause
    override: bool = False
    """Whether a manager moves the task on without a partner's approval."""


def set_status(session: Session, order: Order, wanted: str) -> Task:
    """Move a task to another status.

    Raises TaskNotFound, PreconditionFailed, NotAssignee, IllegalMove, ApprovalNeeded, ExternalUndecided.
    """
    with session.begin():
        return _move(session, order, wanted, lambda task, definition, may: moves.set_status(
            task, definition, wanted, may_approve=may
        ))  # fmt: skip


def take_transition(session: Session, order: Order, to: str, idempotency_key: IdempotencyKey[Task]) -> Task:
    """Move a task to another step of its workflow.

    Raises TaskNotFound, PreconditionFailed, NotAssignee, UnknownStep, IllegalMove, ApprovalNeeded, ExternalUndecided,
    and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        moved = _move(session, order, "transition", lambda task, definition, may: moves.take_transition(
            task, definition, to, may_approve=may
        ))  # fmt: skip
        idempotency_key.store(session, moved)
    return moved


def advance(session: Session, ticket_id: int, order: Order, idempotency_key: IdempotencyKey[Task]) -> Task:
    """Move the task of a ticket to the next step of its workflow; `order` names no task yet.

    Raises TicketNotFound, NoTask, NotAssignee, LastStep, IllegalMove, ApprovalNeeded, ExternalUndecided,
    and Replayed for a repeated Idempotency-Key.
    """

    def decide(task: Task, definition: Definition, may_approve: bool) -> Task:
        to = moves.next_transition(task, definition).target
        return moves.take_transition(task, definition, to, may_approve=may_approve)

    with session.begin():
        idempotency_key.claim(session)
        task_id = tasks.id_of_ticket(session, order.company_id, ticket_id)
        if task_id is None:
            if tickets.exists(session, order.company_id, ticket_id):
                raise NoTask(ticket_id)
            raise TicketNotFound(f"there is no ticket {ticket_id}, or nothing is known about it here yet")
        moved = _move(session, replace(order, task_id=task_id), "transition", decide)
        idempotency_key.store(session, moved)
    return moved


def lock_task(session: Session, order: Order) -> Task:
    """Lock a task that the person may change and return it; the company's turns are locked.

    Raises TaskNotFound, PreconditionFailed, NotAssignee.
    """
    task = tasks.lock(session, order.company_id, order.task_id)
    if task is None:
        raise TaskNotFound(order.task_id)
    order.precondition.check(task)
    mover = order.mover
    if mover.user_id is not None and mover.email != task.assigned_user and not mover.is_manager:
        mover = replace(mover, email=users.address_of(session, order.company_id, mover.user_id) or mover.email)
    mover.check_may_move(task)
    return task


def definition_of(session: Session, task: Task) -> Definition:
    """Return the version of the workflow that the task began with."""
    return workflows.definition_of(session, task.company_id, task.workflow_id, task.workflow_version)


def _move(session: Session, order: Order, action: str, decide: Decision) -> Task:
    """Lock, decide, and give the task to somebody else where its assignee doesn't do the work of its new step."""
    dealer = Dealer(session, {order.company_id: 1})
    before = lock_task(session, order)
    definition = definition_of(session, before)
    may_approve = order.mover.is_manager or _is_lead(dealer, before)
    after = decide(before, definition, may_approve)
    if check_partners(session, before, after, definition, overrider=_overrider(order)):
        action = f"{action} without a partner's approval"
    choice: Choice | None = None
    if after.is_open:
        choice = new_assignee(dealer, before, after, definition)
    if choice is not None:
        after = assign(after, choice)
    dealer.save()
    after = next_version(before, after, dealer.now)
    change = Change(action, order.mover.name, before, after, order.notes, choice)
    (stored,) = save_changes(session, [(change, order.cause)], dealer.now)
    return stored


def new_assignee(dealer: Dealer, before: Task, after: Task, definition: Definition) -> Choice | None:
    """Choose an assignee; None where the present one goes on.

    Who isn't there doesn't get a reopened task back.
    """
    step = definition.step(after.step)
    if after.step == before.step and before.is_open and after.assigned_user is not None:
        return None  # also somebody of another pool, to whom a manager gave it
    may_keep = dealer.may_keep(after, step.role, step.skills, email=after.assigned_user)
    if may_keep and before.is_open:
        return None
    name = pool_name(step.role, after.team_id, after.department)
    dealer.load(after.company_id, [name], with_open=counts_open_tasks(definition))
    if may_keep and dealer.pool(after, step.role).people[str(after.assigned_user)].available:
        return None
    return dealer.choose(after.company_id, name, dealer.need(after.company_id, definition, step))


def _is_lead(dealer: Dealer, task: Task) -> bool:
    """Return whether the mover leads the task's pool: who is no manager moves a task as its assignee."""
    return dealer.may_keep(task, LEAD, email=task.assigned_user)


def _overrider(order: Order) -> str | None:
    return order.mover.name if order.override and order.mover.is_manager else None
