"""Delete a file."""

from uuid import UUID

from eventbus.publish import outbox
from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.files import StoredFile
from ticket_service.ports import FileStorage
from ticket_service.store import blobs, erasure, files, solutions
from ticket_service.usecases.delete_orphaned_blobs import delete_now
from ticket_service.usecases.request_context import RequestContext


def delete_file(
    session: Session,
    storage: FileStorage,
    file_id: UUID,
    precondition: Precondition[StoredFile],
    context: RequestContext,
) -> None:
    """Delete a file, every copy of its name, and its bytes; publish `file.deleted`.

    Steps that rest on the file leave their tickets. Bytes that another file uses stay. Raises NoSuchFile,
    PreconditionFailed.
    """
    with session.begin():
        files.lock(session, context.company_id)
        file = files.get(session, context.company_id, file_id)
        precondition.check(file)
        erasure.delete_copies(session, context.company_id, str(file.id), file.id)
        erasure.delete_failed_proposals(session, context.company_id, file.id)
        solutions.remove_steps_from_file(session, context.company_id, file.id)
        files.remove(session, file)
        key = files.blob_key_of(file)
        unused = [key] if blobs.release(session, key) else []
        outbox.add(session, events.file_deleted(file, context.cause))
    delete_now(session, storage, unused)
