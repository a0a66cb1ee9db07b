"""Give a task to somebody else: transfer it to a person, or escalate it to a role."""

from dataclasses import dataclass, replace

from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from workflow_service.domain.deal import pool_name
from workflow_service.domain.escalation import remaining_roles
from workflow_service.domain.moves import IllegalMove
from workflow_service.domain.task import Task
from workflow_service.store import escalations, users
from workflow_service.store.tasks import Change
from workflow_service.usecases.choose_above import choose_above
from workflow_service.usecases.dealer import Dealer, counts_open_tasks
from workflow_service.usecases.move_task import Order, definition_of, lock_task
from workflow_service.usecases.save_tasks import assign, next_version, save_changes


class UnknownPerson(Exception):
    """Nobody who works in the company is known by that id or address."""

    def __init__(self, field: str) -> None:
        super().__init__("Some fields are not valid.")
        self.errors = [{"field": field, "message": "No member of a team, agent, manager or admin of the company."}]


@dataclass(frozen=True)
class Recipient:
    """The person who is to get a task, by id or by address."""

    user_id: int | None = None
    email: str | None = None


def transfer(session: Session, order: Order, to: Recipient, idempotency_key: IdempotencyKey[Task]) -> Task:
    """Give a task to another person.

    Raises TaskNotFound, PreconditionFailed, NotAssignee, UnknownPerson, IllegalMove for a task that is not open and for
    its present assignee, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        dealer = Dealer(session, {order.company_id: 0})
        before = lock_task(session, order)
        email = _address(session, order.company_id, to)
        _check_open(before)
        if email == before.assigned_user:
            raise IllegalMove("the task is this person's already")
        after = next_version(before, replace(before, assigned_user=email), dealer.now)
        change = Change("transfer", order.mover.name, before, after, order.notes)
        (stored,) = save_changes(session, [(change, order.cause)], dealer.now)
        idempotency_key.store(session, stored)
    return stored


def escalate(session: Session, order: Order, idempotency_key: IdempotencyKey[Task]) -> Task:
    """Give a task to a person of the next role above its step in which somebody can take it, each role once.

    Where there is nobody in any of them, the escalation to the next is recorded and the assignee stays. Raises
    TaskNotFound, PreconditionFailed, NotAssignee, IllegalMove for a task that is not open, AlreadyEscalated, and
    Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        dealer = Dealer(session, {order.company_id: 1})
        before = lock_task(session, order)
        _check_open(before)
        after = escalate_locked(session, dealer, before, order)
        idempotency_key.store(session, after)
    return after


def escalate_locked(session: Session, dealer: Dealer, before: Task, order: Order) -> Task:
    """Escalate a locked open task in the caller's transaction; raise AlreadyEscalated."""
    definition = definition_of(session, before)
    escalated_to = escalations.roles(session, before.company_id, before.id)
    roles = remaining_roles(definition.step(before.step), escalated_to)
    names = [pool_name(role, before.team_id, before.department) for role in roles]
    dealer.load(before.company_id, names, with_open=counts_open_tasks(definition))
    escalation = choose_above(dealer, before, definition, roles)
    for role in escalation.done:
        escalations.add(session, before.company_id, before.id, role, order.notes)
    after = assign(before, escalation.choice) if escalation.choice.email is not None else before
    after = next_version(before, after, dealer.now)
    dealer.save()
    change = Change(f"escalated to {escalation.role}", order.mover.name, before, after, order.notes, escalation.choice)
    (stored,) = save_changes(session, [(change, order.cause)], dealer.now)
    return stored


def _check_open(task: Task) -> None:
    if not task.is_open:
        raise IllegalMove(f"a task that is {task.status} stays with its assignee; reopen it first")


def _address(session: Session, company_id: int, to: Recipient) -> str:
    field = "user_id" if to.user_id is not None else "user_email"
    email = users.address_of(session, company_id, to.user_id) if to.user_id is not None else (to.email or "").lower()
    if not email or not users.works_here(session, company_id, email):
        raise UnknownPerson(field)
    return email
