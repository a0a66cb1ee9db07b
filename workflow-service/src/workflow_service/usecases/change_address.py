"""Let a person who gets another address keep tasks, presence, turns and memberships."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.events import ticket_assigned
from workflow_service.store import addresses, tasks, users
from workflow_service.store.addresses import NewAddress, PersonKey
from workflow_service.store.tasks import ADDRESS_CHANGED, Change
from workflow_service.usecases.save_tasks import MACHINE

MAX_TASKS_PER_STATEMENT = 500


def address_of(session: Session, company_id: int, user_id: int) -> str | None:
    """Return the address by which a person's tasks are known, None for a person who is not known."""
    with session.begin():
        return users.address_of(session, company_id, user_id)


def changed_addresses(before: Mapping[PersonKey, str], after: Mapping[PersonKey, str]) -> list[NewAddress]:
    """Return who has another address, in an order in which an address is given up before another person gets it."""
    left = [
        NewAddress(*key, before[key], after[key])
        for key in sorted(before)
        if after.get(key, before[key]) != before[key]
    ]
    ordered: list[NewAddress] = []
    while left:
        given_up = {(each.company_id, each.old) for each in left}
        free = [each for each in left if (each.company_id, each.new) not in given_up] or left[:1]
        ordered += free
        left = [each for each in left if each not in free]
    return ordered


def change_address(session: Session, change: NewAddress, cause: Cause) -> None:
    """Give everything of a person the new address, in the caller's transaction; the company's turns are locked.

    Each task gets its next version, for the assignee is shown, and `ticket.assigned` tells the other services. The
    person decided nothing about the task: `assigned_at` stays.
    """
    addresses.move(session, change)
    now = datetime.now(UTC)
    last = 0
    while found := addresses.lock_tasks(session, change, after=last, limit=MAX_TASKS_PER_STATEMENT):
        last = found[-1].id
        addresses.copy_choices(session, change, [task.id for task in found])
        changes = [
            Change(
                ADDRESS_CHANGED,
                MACHINE,
                task,
                replace(
                    task, assigned_user=change.new, version=task.version + 1, revision=task.revision + 1, updated_at=now
                ),
            )
            for task in found
        ]
        tasks.record(session, changes)
        tasks.change(session, [each.after for each in changes])
        outbox.add_all(session, [ticket_assigned(each.after, ADDRESS_CHANGED, MACHINE, now, cause) for each in changes])
