"""Record that somebody failed to log in as a known user."""

from company_kit import audit
from service_kit.database.engine import Database
from sqlalchemy import text

# The answer for a known name must not take longer than for an unknown one, which has no record to wait for.
_DO_NOT_WAIT_FOR_THE_DISK = text("set local synchronous_commit = off")


def record_failed_login(database: Database, company_id: int, user_id: int, what: str) -> None:
    """Add `login.failed` to the audit of the user's company; `what` was wrong: password, code or account."""
    with database.session(company_id) as session, session.begin():
        session.execute(_DO_NOT_WAIT_FOR_THE_DISK)
        changes = [{"field": "wrong", "old": None, "new": what}]
        # The actor stays anonymous: it hasn't proved to be the user.
        audit.add(session, company_id, "login.failed", record="user", record_id=user_id, changes=changes)
