"""Remove bytes that no file uses: at once where that goes, and surely in the end."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from ticket_service.ports import FileStorage, StorageDown
from ticket_service.store import blobs
from ticket_service.store.blobs import Place

PROMISES_HOLD = timedelta(minutes=15)
"""Far longer than an upload may take; a process that stands still for so long was ended by whoever watches it."""
COMPANIES_AT_ONCE = 500

log = get_logger(__name__)


def remove_now(session: Session, storage: FileStorage, places: Sequence[Place]) -> None:
    """Remove bytes after the commit that made them unused; what fails here, the upkeep does later."""
    try:
        _remove(session, storage, places)
    except Exception as error:
        log.warning("bytes are left to the upkeep", number=len(places), error=type(error).__name__)


def remove_given_up(session: Session, storage: FileStorage, place: Place) -> None:
    """Remove what was put for an upload that failed, unless its commit went through all the same."""
    try:
        with session.begin():
            unused = blobs.give_up(session, place)
        if unused:
            _remove(session, storage, [place])
    except Exception as error:
        log.warning("bytes are left to the upkeep", number=1, error=type(error).__name__)


def upkeep(database: Database, storage: FileStorage) -> Callable[[], None]:
    """Return what carries out all promises: bytes that came to no file, and those whose files are gone."""

    def carry_out() -> None:
        companies = database.companies()
        for at in range(0, len(companies), COMPANIES_AT_ONCE):
            with database.session(*companies[at : at + COMPANIES_AT_ONCE]) as session:
                with session.begin():
                    blobs.expire(session, PROMISES_HOLD)
                    places = blobs.unused(session)
                try:
                    _remove(session, storage, places)
                except StorageDown as error:
                    log.warning("bytes can't be removed now", number=len(places), reason=str(error))

    return carry_out


def _remove(session: Session, storage: FileStorage, places: Sequence[Place]) -> None:
    if not places:
        return
    for place in places:
        storage.remove(*place)
    with session.begin():
        blobs.forget(session, places)
