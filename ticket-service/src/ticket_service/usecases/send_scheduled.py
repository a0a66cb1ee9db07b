"""Send scheduled comments at their time, in every worker, until it stops."""

import random
from threading import Event as Flag

from company_kit.actor import acting_for
from eventbus.retry.policy import is_transient
from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from ticket_service.domain.errors import TicketNotFound
from ticket_service.store import due_comments, tickets
from ticket_service.usecases.announce_comment import announce_comment

INTERVAL_SECONDS = 0.5
MAX_COMMENTS_PER_LOOK = 100

log = get_logger(__name__)


def send_scheduled(database: Database, stopping: Flag) -> None:
    """Send what is due until `stopping` is set; a full batch is followed by the next one at once."""
    # Jitter: replicas that were started together would otherwise look at the same time for ever.
    while not stopping.wait(INTERVAL_SECONDS * random.uniform(0.8, 1.2)):
        try:
            while send_due(database, stopping) == MAX_COMMENTS_PER_LOOK and not stopping.is_set():
                pass
        except Exception as error:
            # The next look finds the same comments again; a database that is down is in the checks of /ready.
            log.warning("scheduled comments are left to the next look", error=type(error).__name__)


def send_due(database: Database, stopping: Flag | None = None) -> int:
    """Send up to 100 comments that are due, each in a transaction of its own; return how many were sent here.

    Several workers may find the same comment: one of them sends it, unless its author takes it back first.
    """
    with database.session() as session, session.begin():
        found = due_comments.find(session, MAX_COMMENTS_PER_LOOK)
    sent = 0
    for company_id, comment_id in found:
        if stopping is not None and stopping.is_set():
            break
        try:
            sent += send_one(database, company_id, comment_id)
        except Exception as error:
            if is_transient(error):
                raise
            log.error("a scheduled comment can't be sent", comment_id=comment_id, exc_info=error)
    return sent


def send_one(database: Database, company_id: int, comment_id: int) -> bool:
    """Send a scheduled comment, with trail and event; return whether it was sent here."""
    with database.session(company_id) as session, session.begin():
        scheduled = due_comments.read(session, company_id, comment_id)
        if scheduled is None:
            return False
        try:
            ticket = tickets.lock(session, company_id, scheduled.ticket_id)
        except TicketNotFound:
            return False
        with acting_for(session, scheduled.audit_actor):
            comment = due_comments.mark_sent(session, company_id, comment_id, scheduled.author)
        if comment is None:
            return False
        announce_comment(session, ticket, comment, scheduled.cause)
    return True
