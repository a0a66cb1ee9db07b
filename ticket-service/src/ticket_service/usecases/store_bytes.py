"""Store the bytes of an upload, and in a second transaction the row that uses them."""

from collections.abc import Callable
from typing import BinaryIO, TypeVar

from sqlalchemy.orm import Session

from ticket_service.domain.files import Upload
from ticket_service.ports import FileStorage, StorageDown
from ticket_service.store import blobs
from ticket_service.store.blobs import BlobKey
from ticket_service.usecases.delete_orphaned_blobs import delete_failed_upload, delete_now

MAX_ATTEMPTS = 5

Outcome = TypeVar("Outcome")


class BlobGone(Exception):
    """The bytes were deleted, or their reservation expired, before the row could use them."""


def store_bytes(
    session: Session,
    storage: FileStorage,
    content: BinaryIO,
    upload: Upload,
    company_id: int,
    enter: Callable[[BlobKey | None], tuple[Outcome, list[BlobKey]]],
) -> Outcome:
    """Put an upload's bytes into the storage, unless the company has them already, and call `enter`.

    `enter` takes the reserved key, None where the company has the bytes, and commits the row that uses them; it returns
    its outcome and the keys of bytes that nothing uses any more, or raises BlobGone to try again.
    One transaction reserves a key, the bytes are put outside any transaction, and a second one stores the row: a
    process that is killed in between leaves a reservation, which expires and takes its bytes with it.

    Raises StorageDown, and what `enter` raises.
    """
    for _ in range(MAX_ATTEMPTS):
        reserved = _reserve(session, company_id, upload)
        try:
            if reserved is not None:
                storage.put(*reserved, content, upload.size)
            outcome, unused = enter(reserved)
        except BaseException as error:
            if reserved is not None:
                delete_failed_upload(session, storage, reserved)
            if isinstance(error, BlobGone):
                # The last file with these bytes was deleted meanwhile, or the reservation expired: try again.
                continue
            raise
        delete_now(session, storage, unused)
        return outcome
    raise StorageDown("The same content is being deleted again and again; ask again.")


def key_to_use(session: Session, company_id: int, upload: Upload, reserved: BlobKey | None) -> BlobKey:
    """Return the key of an upload's bytes, which stay until the transaction ends; raise BlobGone."""
    key = blobs.stored(session, company_id, upload.sha256, locked=True)
    if reserved is not None and key is None and blobs.mark_stored(session, reserved):
        key = reserved
    if key is None:
        raise BlobGone
    return key


def _reserve(session: Session, company_id: int, upload: Upload) -> BlobKey | None:
    with session.begin():
        if blobs.stored(session, company_id, upload.sha256) is not None:
            return None
        return blobs.reserve(session, company_id, upload.sha256, upload.size)
