"""Keep tasks at steps whose partner has not approved."""

from dataclasses import replace

from sqlalchemy.orm import Session

from workflow_service.domain.definition import Definition
from workflow_service.domain.external import APPROVED, ExternalUndecided
from workflow_service.domain.external_steps import check_move, kinds_of
from workflow_service.domain.task import Task
from workflow_service.store import external_requests


def check_partners(
    session: Session, before: Task, after: Task, definition: Definition, *, overrider: str | None
) -> bool:
    """Check a move of a locked task; return whether it is made against a partner, by `overrider`.

    Raises ExternalUndecided where it would be, and `overrider` is None.
    """
    if not kinds_of(definition):
        return False
    try:
        check_move(before, after, definition, external_requests.approved_steps(session, before.company_id, before.id))
    except ExternalUndecided:
        if overrider is None:
            raise
        newest = external_requests.newest(session, before)
        if newest is not None and newest.state != APPROVED:
            locked = external_requests.lock(session, before.company_id, newest.id)
            assert locked is not None
            external_requests.save(session, replace(locked, overridden_by=overrider))
        return True
    return False
