"""Fetch the files of mails for their comments, in every worker, until it stops."""

import hashlib
import random
from dataclasses import dataclass
from io import BytesIO
from threading import Event as Flag

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from ticket_service.domain.comments import BadComment, CommentNotFound, CommentState, Reader
from ticket_service.domain.contents import detect_format
from ticket_service.domain.errors import TicketNotFound
from ticket_service.domain.file_names import file_name
from ticket_service.domain.files import BadFile, Upload
from ticket_service.domain.mail import MAX_FETCHES, pause_seconds
from ticket_service.ports import FileStorage, MailFileGone, MailFiles, MailFilesDown, StorageDown
from ticket_service.store import attachments, blobs, comments, files, mails, tickets
from ticket_service.store.blobs import BlobKey
from ticket_service.store.mails import WaitingFile
from ticket_service.usecases.store_bytes import key_to_use, store_bytes

INTERVAL_SECONDS = 1.0
MAX_FOUND = 20

log = get_logger(__name__)


class NotWaiting(Exception):
    """Another process has stored the file, or its comment is gone."""


@dataclass(frozen=True)
class MailFileTools:
    """The tools for fetching files."""

    database: Database
    storage: FileStorage
    source: MailFiles


def fetch_files(tools: MailFileTools, stopping: Flag) -> None:
    """Fetch what waits until `stopping` is set."""
    while not stopping.wait(INTERVAL_SECONDS * random.uniform(0.8, 1.2)):
        try:
            while fetch_due(tools, stopping) and not stopping.is_set():
                pass
        except Exception as error:
            # The next look finds the same files again; a database that is down is in the checks of /ready.
            log.warning("files of mails are left to the next look", error=type(error).__name__)


def fetch_due(tools: MailFileTools, stopping: Flag | None = None) -> int:
    """Fetch some of the files that wait; return how many were looked at."""
    with tools.database.session() as session, session.begin():
        found = mails.due_files(session, MAX_FOUND)
    for company_id, mail_id, position in found:
        if stopping is not None and stopping.is_set():
            break
        with tools.database.session(company_id) as session:
            with session.begin():
                file = mails.waiting_file(session, company_id, mail_id, position)
            if file is not None:
                _fetch(session, tools, file)
    return len(found)


def _fetch(session: Session, tools: MailFileTools, file: WaitingFile) -> None:
    try:
        content = tools.source.content(file.company_id, file.mail_id, file.position)
        upload = _checked(file, content)
        _store(session, tools.storage, file, upload, content)
    except (BadFile, MailFileGone, BadComment) as error:
        _end(session, file, str(error) or "the mail has no such file any more")
    except (MailFilesDown, StorageDown) as error:
        if file.attempts + 1 >= MAX_FETCHES:
            _end(session, file, f"given up after {MAX_FETCHES} tries: {error}"[:300])
            return
        with session.begin():
            mails.postpone_file(session, file, pause_seconds(file.attempts + 1))
    except (NotWaiting, TicketNotFound, CommentNotFound):
        return


def _checked(file: WaitingFile, content: bytes) -> Upload:
    """Return a file as it is stored; raise BadFile where it is of no kind that comments have."""
    name = file_name(file.name)
    kind = detect_format(BytesIO(content), name, None)
    return Upload(name, kind, len(content), hashlib.sha256(content).hexdigest())


def _store(session: Session, storage: FileStorage, file: WaitingFile, upload: Upload, content: bytes) -> None:
    """Store a file's bytes, and give it to its comment in one transaction with the mark that it is stored."""

    def enter(reserved: BlobKey | None) -> tuple[None, list[BlobKey]]:
        with session.begin():
            files.lock(session, file.company_id, extended_timeout=True)
            tickets.keep(session, file.company_id, file.ticket_id)
            comment = comments.get(session, file.company_id, file.comment_id, Reader(file.author))
            if comment.state is not CommentState.SENT or not mails.lock_file(session, file):
                raise NotWaiting
            key = key_to_use(session, file.company_id, upload, reserved)
            is_superfluous = reserved is not None and reserved != key and blobs.cancel_reservation(session, reserved)
            ticket = tickets.get(session, file.company_id, file.ticket_id)
            stored = attachments.add(session, ticket, upload, key, file.author)
            attachments.attach(session, comment, [stored.id])
            mails.end_file(session, file)
        return None, [reserved] if is_superfluous and reserved is not None else []

    store_bytes(session, storage, BytesIO(content), upload, file.company_id, enter)


def _end(session: Session, file: WaitingFile, reason: str) -> None:
    with session.begin():
        mails.end_file(session, file, refused=reason)
