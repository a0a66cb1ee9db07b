"""Store a file, or the next version of one."""

from dataclasses import dataclass
from typing import BinaryIO

from service_kit.http.idempotency import Once
from service_kit.messaging import outbox
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.files import StoredFile, Upload
from ticket_service.ports import FileStorage, StorageDown
from ticket_service.store import blobs, files
from ticket_service.store.blobs import Place
from ticket_service.usecases.origin import Origin
from ticket_service.usecases.remove_bytes import remove_given_up, remove_now

MOST_TRIES = 5


@dataclass(frozen=True)
class Uploaded:
    """A file after an upload; `changed` is false where it held the very same bytes before."""

    file: StoredFile
    changed: bool


class _BytesGone(Exception):
    """What was to be used was given up by somebody meanwhile."""


def upload_file(
    session: Session, storage: FileStorage, content: BinaryIO, upload: Upload, origin: Origin, again: Once[Uploaded]
) -> Uploaded:
    """Store an upload's bytes, unless the company has them, and enter it under its name; announce it.

    The same name again is the next version of the same file, with the very same bytes it is nothing new. Bytes are
    promised in one transaction, put outside of any, and used in another: a process that is killed between leaves a
    promise that nobody kept, and the bytes are removed in the end. Raises StorageDown, AnsweredBefore.
    """
    for _ in range(MOST_TRIES):
        promised = _promise(session, origin.company_id, upload)
        try:
            if promised is not None:
                storage.put(*promised, content, upload.size)
            outcome, unused = _enter(session, upload, promised, origin, again)
        except BaseException as error:
            if promised is not None:
                remove_given_up(session, storage, promised)
            if isinstance(error, _BytesGone):
                # Their last file was deleted since they were found here, or the promise took too long: anew.
                continue
            raise
        remove_now(session, storage, unused)
        return outcome
    raise StorageDown("The same content is being deleted again and again; ask again.")


def _promise(session: Session, company_id: int, upload: Upload) -> Place | None:
    with session.begin():
        if blobs.stored(session, company_id, upload.sha256) is not None:
            return None
        return blobs.promise(session, company_id, upload.sha256, upload.size)


def _enter(
    session: Session, upload: Upload, promised: Place | None, origin: Origin, again: Once[Uploaded]
) -> tuple[Uploaded, list[Place]]:
    """Enter the file; return it, and where bytes are that nobody uses any more."""
    with session.begin():
        again.claim(session)
        files.lock(session, origin.company_id, patiently=True)
        unused: list[Place] = []
        place = blobs.stored(session, origin.company_id, upload.sha256)
        if promised is not None and place is None and blobs.keep(session, promised):
            place = promised
        if place is None:
            raise _BytesGone
        if promised is not None and place != promised and blobs.give_up(session, promised):
            unused.append(promised)
        before = files.named(session, origin.company_id, upload.name)
        if before is not None and before.sha256 == upload.sha256:
            outcome = Uploaded(before, changed=False)
        else:
            if before is None:
                file = files.add(session, upload, place, origin.actor)
            else:
                file = files.replace(session, before, place, origin.actor)
                if blobs.release(session, old := files.place_of(before)):
                    unused.append(old)
            outbox.add(session, events.file_uploaded(file, origin.cause))
            outcome = Uploaded(file, changed=True)
        again.remember(session, outcome)
    return outcome, unused
