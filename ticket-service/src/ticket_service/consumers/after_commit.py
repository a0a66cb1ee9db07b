"""Do something when and if a transaction commits."""

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.orm import Session

PENDING = "after_commit"


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Call `act` after the session's commit, never after a rollback: what is counted must have happened."""
    if PENDING not in session.info:
        session.info[PENDING] = []
        event.listen(session, "after_commit", _run)
        event.listen(session, "after_rollback", _drop)
    session.info[PENDING].append(act)


def _run(session: Session) -> None:
    # Releasing a savepoint fires this too.
    if not session.in_nested_transaction():
        acts, session.info[PENDING] = session.info[PENDING], []
        for act in acts:
            act()


def _drop(session: Session) -> None:
    session.info[PENDING] = []
