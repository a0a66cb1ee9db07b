"""Store a file, or the next version of one."""

from dataclasses import dataclass
from typing import BinaryIO

from eventbus.publish import outbox
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.files import StoredFile, Upload
from ticket_service.ports import FileStorage
from ticket_service.store import blobs, files
from ticket_service.store.blobs import BlobKey
from ticket_service.usecases.request_context import RequestContext
from ticket_service.usecases.store_bytes import key_to_use, store_bytes


@dataclass(frozen=True)
class Uploaded:
    """A file after an upload; `changed` is false where the file already held the same bytes."""

    file: StoredFile
    changed: bool


def upload_file(
    session: Session,
    storage: FileStorage,
    content: BinaryIO,
    upload: Upload,
    context: RequestContext,
    idempotency_key: IdempotencyKey[Uploaded],
) -> Uploaded:
    """Store an upload's bytes, unless the company has them already, and its file; publish `file.uploaded`.

    A known name makes the next version of that file; the same bytes under the same name change nothing. Raises
    StorageDown, Replayed.
    """

    def enter(reserved: BlobKey | None) -> tuple[Uploaded, list[BlobKey]]:
        return _enter(session, upload, reserved, context, idempotency_key)

    return store_bytes(session, storage, content, upload, context.company_id, enter)


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
        key = key_to_use(session, context.company_id, upload, reserved)
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
