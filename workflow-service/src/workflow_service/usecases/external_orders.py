"""Change a request to a partner, as a person decides: its data, another try, an answer in the partner's place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from workflow_service.domain import external
from workflow_service.domain.external import (
    NEEDS_DATA,
    PREPARED,
    External,
    ExternalNotFound,
    NotExternal,
)
from workflow_service.domain.external_steps import kind_at, kinds_of
from workflow_service.domain.moves import IllegalMove
from workflow_service.domain.task import CLOSED, Task
from workflow_service.store import external_requests
from workflow_service.usecases.dealer import Dealer
from workflow_service.usecases.enter_steps import new_request
from workflow_service.usecases.move_task import Order, definition_of, lock_task
from workflow_service.usecases.save_external import save_state

Stored = tuple[Task, External]


@dataclass(frozen=True)
class Data:
    """The data of a request, and who gave them."""

    kind: str
    request: Mapping[str, Any]
    requester: str


def give_data(session: Session, order: Order, data: Data, idempotency_key: IdempotencyKey[Stored]) -> Stored:
    """Give the data of a request: at its step the partner is asked, before it the request is prepared.

    Raises TaskNotFound, PreconditionFailed, NotAssignee, NotExternal, IllegalMove for a closed task, ExternalDecided,
    and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        now = Dealer(session, {order.company_id: 0}).now
        task = lock_task(session, order)
        if task.status == CLOSED:
            raise IllegalMove("a closed task asks no partner; reopen it first")
        definition = definition_of(session, task)
        if data.kind not in kinds_of(definition):
            raise NotExternal(data.kind)
        key = task.company_id, task.id
        requests = external_requests.lock_of_tasks(session, [key])[key]
        if kind_at(definition, task.step) == data.kind:
            asked = _ask(session, task, requests, data, now)
            stored = _save(session, order, task, asked, now, "asked")
        else:
            stored = _save(session, order, task, _prepare(session, task, requests, data, now), now, "prepared")
        idempotency_key.store(session, stored)
    return stored


def send_again(session: Session, order: Order, idempotency_key: IdempotencyKey[Stored]) -> Stored:
    """Ask the partner again now, with the same Idempotency-Key as before.

    Raises TaskNotFound, PreconditionFailed, ExternalNotFound, ExternalDecided, and Replayed for a repeated
    Idempotency-Key.
    """
    return _change(session, order, "sent again", idempotency_key, external.resend)


def decide(session: Session, order: Order, *, approved: bool, idempotency_key: IdempotencyKey[Stored]) -> Stored:
    """Answer a request in the partner's place; `order.notes` is the reason.

    Raises TaskNotFound, PreconditionFailed, ExternalNotFound, ExternalDecided, and Replayed for a repeated
    Idempotency-Key.
    """

    def answer(request: External, now: datetime) -> External:
        return external.decide(request, approved=approved, reason=order.notes, actor=order.mover.name, now=now)

    return _change(session, order, "decided by a person", idempotency_key, answer)


def _change(
    session: Session,
    order: Order,
    action: str,
    idempotency_key: IdempotencyKey[Stored],
    change: Callable[[External, datetime], External],
) -> Stored:
    with session.begin():
        idempotency_key.claim(session)
        now = Dealer(session, {order.company_id: 0}).now
        task = lock_task(session, order)
        before = _present(task, external_requests.newest(session, task))
        locked = external_requests.lock(session, before.company_id, before.id)
        assert locked is not None
        stored = _save(session, order, task, change(locked, now), now, action)
        idempotency_key.store(session, stored)
    return stored


def _ask(session: Session, task: Task, requests: list[External], data: Data, now: datetime) -> External:
    """Give the data to the request of the task's step, or to a further one where the partner has refused that."""
    before = _present(task, next((each for each in reversed(requests) if each.step == task.step), None))
    if external.may_begin_anew(before):
        before = external_requests.add(session, new_request(task, data.kind, NEEDS_DATA, step=task.step))
    return external.give_data(before, data.request, data.requester, now)


def _prepare(session: Session, task: Task, requests: list[External], data: Data, now: datetime) -> External:
    for each in requests:
        if each.state == PREPARED and each.kind == data.kind:
            return external.give_data(each, data.request, data.requester, now)
    new = new_request(task, data.kind, PREPARED, step=None)
    return external_requests.add(session, {**new, "request": data.request, "requester": data.requester})


def _present(task: Task, found: External | None) -> External:
    """Return the request of the step at which the task is; raise ExternalNotFound."""
    if task.external_state is None or found is None:
        raise ExternalNotFound
    return found


def _save(session: Session, order: Order, task: Task, after: External, now: datetime, action: str) -> Stored:
    return save_state(
        session, task, after, now, action=action, actor=order.mover.name, notes=order.notes, cause=order.cause
    )
