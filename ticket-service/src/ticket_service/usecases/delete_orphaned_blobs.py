"""Delete bytes that no file uses: right after the commit where possible, else by the maintenance job."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from ticket_service.ports import FileStorage, StorageDown
from ticket_service.store import blobs
from ticket_service.store.blobs import BlobKey

RESERVATION_TTL = timedelta(minutes=15)
"""Far longer than an upload may take; a process that hangs this long was ended by its supervisor."""
COMPANIES_PER_BATCH = 500

log = get_logger(__name__)


def delete_now(session: Session, storage: FileStorage, keys: Sequence[BlobKey]) -> None:
    """Delete bytes after the commit that made them unused; the maintenance job repeats a deletion that fails."""
    try:
        _delete(session, storage, keys)
    except Exception as error:
        log.warning("bytes are left to the maintenance job", number=len(keys), error=type(error).__name__)


def delete_failed_upload(session: Session, storage: FileStorage, key: BlobKey) -> None:
    """Delete the bytes of an upload that failed, unless its commit succeeded after all."""
    try:
        with session.begin():
            unused = blobs.cancel_reservation(session, key)
        if unused:
            _delete(session, storage, [key])
    except Exception as error:
        log.warning("bytes are left to the maintenance job", number=1, error=type(error).__name__)


def orphan_deletion(database: Database, storage: FileStorage) -> Callable[[], None]:
    """Return the maintenance job: it expires old reservations and deletes the bytes that no file uses."""

    def delete_orphans() -> None:
        companies = database.companies()
        for start in range(0, len(companies), COMPANIES_PER_BATCH):
            with database.session(*companies[start : start + COMPANIES_PER_BATCH]) as session:
                with session.begin():
                    blobs.expire_reservations(session, RESERVATION_TTL)
                    keys = blobs.unused(session)
                try:
                    _delete(session, storage, keys)
                except StorageDown as error:
                    log.warning("bytes can't be deleted now", number=len(keys), reason=str(error))

    return delete_orphans


def _delete(session: Session, storage: FileStorage, keys: Sequence[BlobKey]) -> None:
    if not keys:
        return
    for key in keys:
        storage.remove(*key)
    with session.begin():
        blobs.delete_rows(session, keys)
