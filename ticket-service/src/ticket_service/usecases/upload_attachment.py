"""Store a file for a comment on a ticket, and delete those that no comment got."""

from datetime import timedelta
from typing import BinaryIO

from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from ticket_service.domain.attachments import Attachment
from ticket_service.domain.files import Upload
from ticket_service.ports import FileStorage
from ticket_service.store import attachments, blobs, files, tickets
from ticket_service.store.blobs import BlobKey
from ticket_service.usecases.request_context import RequestContext
from ticket_service.usecases.store_bytes import key_to_use, store_bytes

UNUSED_TTL = timedelta(days=1)
COMPANIES_PER_BATCH = 500


def upload_attachment(
    session: Session,
    storage: FileStorage,
    content: BinaryIO,
    upload: Upload,
    ticket_id: int,
    own: str | None,
    context: RequestContext,
    idempotency_key: IdempotencyKey[Attachment],
) -> Attachment:
    """Store an upload's bytes, unless the company has them already, and a file that a comment on the ticket may have.

    Nobody sees it before. Raises TicketNotFound, with `own` also for tickets of other requesters, StorageDown,
    Replayed.
    """

    def enter(reserved: BlobKey | None) -> tuple[Attachment, list[BlobKey]]:
        with session.begin():
            idempotency_key.claim(session)
            # Equal contents take turns, so that they share their bytes.
            files.lock(session, context.company_id, extended_timeout=True)
            tickets.keep(session, context.company_id, ticket_id)
            ticket = tickets.get(session, context.company_id, ticket_id, own)
            key = key_to_use(session, context.company_id, upload, reserved)
            unused = [reserved] if _is_superfluous(session, reserved, key) else []
            attachment = attachments.add(session, ticket, upload, key, context.actor)
            idempotency_key.store(session, attachment)
        return attachment, unused

    with session.begin():
        tickets.get(session, context.company_id, ticket_id, own)
    return store_bytes(session, storage, content, upload, context.company_id, enter)


def remove_unused_attachments(database: Database) -> None:
    """Delete files that no comment got within a day; the maintenance of files deletes their bytes."""
    companies = database.companies()
    for start in range(0, len(companies), COMPANIES_PER_BATCH):
        batch = companies[start : start + COMPANIES_PER_BATCH]
        with database.session(*batch) as session, session.begin():
            blobs.release_all(session, attachments.remove_unused(session, batch, UNUSED_TTL))


def _is_superfluous(session: Session, reserved: BlobKey | None, used: BlobKey) -> bool:
    return reserved is not None and reserved != used and blobs.cancel_reservation(session, reserved)
