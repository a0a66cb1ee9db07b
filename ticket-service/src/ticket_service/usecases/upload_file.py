"""Store a file, or the next version of one."""

from dataclasses import dataclass
from typing import BinaryIO

from eventbus.publish import outbox
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.files import StoredFile, Upload
from ticket_service.ports import FileStorage, StorageDown
from ticket_service.store import blobs, files
from ticket_service.store.blobs import BlobKey
from ticket_service.usecases.delete_orphaned_blobs import delete_failed_upload, delete_now
from ticket_service.usecases.request_context import RequestContext

MAX_ATTEMPTS = 5


@dataclass(frozen=True)
class Uploaded:
    """A file after an upload; `changed` is false where the file already held the same bytes."""

    file: StoredFile
    changed: bool


class _BlobGone(Exception):
    """The bytes were deleted, or their reservation expired, before the file could use them."""


def upload_file(
    session: Session,
    storage: FileStorage,
    content: BinaryIO,
    upload: Upload,
    context: RequestContext,
    idempotency_key: IdempotencyKey[Uploaded],
) -> Uploaded:
    """Store an upload's bytes, unless the company has them already, and its file; publish `file.uploaded`.

    A known name makes the next version of that file; the same bytes under the same name change nothing. One
    transaction reserves a key, the bytes are put outside any transaction, and a second one stores the file: a process
    that is killed in between leaves a reservation, which expires and takes its bytes with it.
    Raises StorageDown, Replayed.
    """
    for _ in range(MAX_ATTEMPTS):
        reserved = _reserve(session, context.company_id, upload)
        try:
            if reserved is not None:
                storage.put(*reserved, content, upload.size)
            outcome, unused = _enter(session, upload, reserved, context, idempotency_key)
        except BaseException as error:
            if reserved is not None:
                delete_failed_upload(session, storage, reserved)
            if isinstance(error, _BlobGone):
                # The last file with these bytes was deleted meanwhile, or the reservation expired: try again.
                continue
            raise
        delete_now(session, storage, unused)
        return outcome
    raise StorageDown("The same content is being deleted again and again; ask again.")


def _reserve(session: Session, company_id: int, upload: Upload) -> BlobKey | None:
    with session.begin():
        if blobs.stored(session, company_id, upload.sha256) is not None:
            return None
        return blobs.reserve(session, company_id, upload.sha256, upload.size)


def _enter(
    session: Session,
    upload: Upload,
    reserved: BlobKey | None,
    context: RequestContext,
    idempotency_key: IdempotencyKey[Uploaded],
) -> tuple[Uploaded, list[BlobKey]]:
    """Store the file's row; return it, and the keys of bytes that no file uses any more."""
    with session.begin():
        idempotency_key.claim(session)
        files.lock(session, context.company_id, extended_timeout=True)
        unused: list[BlobKey] = []
        key = blobs.stored(session, context.company_id, upload.sha256)
        if reserved is not None and key is None and blobs.mark_stored(session, reserved):
            key = reserved
        if key is None:
            raise _BlobGone
        if reserved is not None and key != reserved and blobs.cancel_reservation(session, reserved):
            unused.append(reserved)
        before = files.named(session, context.company_id, upload.name)
        if before is not None and before.sha256 == upload.sha256:
            outcome = Uploaded(before, changed=False)
        else:
            if before is None:
                file = files.add(session, upload, key, context.actor)
            else:
                file = files.replace(session, before, key, context.actor)
                if blobs.release(session, old := files.blob_key_of(before)):
                    unused.append(old)
            outbox.add(session, events.file_uploaded(file, context.cause))
            outcome = Uploaded(file, changed=True)
        idempotency_key.store(session, outcome)
    return outcome, unused
