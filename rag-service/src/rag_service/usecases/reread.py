"""Has files read again that an earlier release read, before documents had reports.

Such passages are prose only: rows of tables are glued, questions lie apart from their answers. The files wait in the
queue of large ones, so that new files come first, and their passages answer until the new ones are stored.
"""

from collections.abc import Callable

from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from service_kit.telemetry.logs import get_logger

from rag_service import events
from rag_service.store import documents

BATCH_DOCUMENTS = 50
"""Documents of one company in one turn of the periodic job."""

log = get_logger(__name__)


def rereading(database: Database) -> Callable[[], None]:
    """Return a periodic job that requests each such file once; it does nothing any more once none is left.

    Files of external producers are not among them: their places are not stored, and their producers send them again.
    """
    is_done = False

    def request_some() -> None:
        nonlocal is_done
        if is_done:
            return
        requested = sum(_request(database, company_id) for company_id in database.companies())
        is_done = requested == 0
        if requested:
            log.info("files of an earlier release are read again", number=requested)

    return request_some


def _request(database: Database, company_id: int) -> int:
    with database.session(company_id) as session, session.begin():
        wanted = documents.take_unreported(session, company_id, BATCH_DOCUMENTS)
        cause = Cause(request_id="reread")
        outbox.add_all(session, [events.document_postponed(file_version, cause) for file_version in wanted])
    return len(wanted)
