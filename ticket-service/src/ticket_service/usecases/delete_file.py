"""Delete a file."""

from uuid import UUID

from service_kit.messaging import outbox
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.ports import FileStorage
from ticket_service.store import blobs, erasure, files, solutions
from ticket_service.usecases.origin import Origin
from ticket_service.usecases.remove_bytes import remove_now


def delete_file(session: Session, storage: FileStorage, file_id: UUID, origin: Origin) -> None:
    """Remove a file, every copy of its name and its bytes; announce that it is gone.

    Tickets show no steps from it any more. Bytes that another file uses stay. Raises NoSuchFile.
    """
    with session.begin():
        files.lock(session, origin.company_id)
        file = files.get(session, origin.company_id, file_id)
        erasure.forget_copies(session, origin.company_id, str(file.id), file.id)
        erasure.forget_quotes(session, origin.company_id, file.id)
        solutions.forget_file(session, origin.company_id, file.id)
        files.remove(session, file)
        place = files.place_of(file)
        unused = [place] if blobs.release(session, place) else []
        outbox.add(session, events.file_deleted(file, origin.cause))
    remove_now(session, storage, unused)
