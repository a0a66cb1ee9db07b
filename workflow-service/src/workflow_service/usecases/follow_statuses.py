"""Let tasks follow the statuses of their tickets."""

from collections import Counter
from collections.abc import Mapping

from projection_kit.locked_rows import Key
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.moves import follow_ticket, missing_approval
from workflow_service.store import tasks
from workflow_service.store.tasks import Change
from workflow_service.usecases.dealer import Dealer
from workflow_service.usecases.move_task import definition_of, new_assignee
from workflow_service.usecases.save_tasks import MACHINE, assign, next_version, save_changes


def follow_statuses(session: Session, statuses: Mapping[Key, str], causes: Mapping[Key, Cause]) -> None:
    """Move the tasks of tickets, which are locked, to what their statuses ask, in the caller's transaction."""
    wanted = tasks.keys_with_task(session, statuses) if statuses else set()
    if not wanted:
        return
    dealer = Dealer(session, Counter(company_id for company_id, _ in wanted))
    changes: list[tuple[Change, Cause]] = []
    for key, before in sorted(tasks.of_tickets(session, wanted).items()):
        definition = definition_of(session, before)
        after = follow_ticket(before, definition, statuses[key])
        if after == before:
            continue
        choice = new_assignee(dealer, before, after, definition) if after.is_open else None
        if choice is not None:
            after = assign(after, choice)
        after = next_version(before, after, dealer.now)
        action = f"ticket {statuses[key]}"
        if before.is_open and not after.is_open and missing_approval(before, definition) is not None:
            action = f"{action} without approval"
        change = Change(action, MACHINE, before, after, choice=choice)
        changes.append((change, causes[key]))
    dealer.save()
    save_changes(session, changes, dealer.now)
