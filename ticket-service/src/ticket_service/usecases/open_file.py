"""Hand out a file's bytes."""

from uuid import UUID

from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from ticket_service.domain.files import NoSuchFile, StoredFile, VersionReplaced
from ticket_service.ports import Bytes, BytesMissing, FileStorage, NoSuchBytes
from ticket_service.store import files

MOST_LOOKS = 3

log = get_logger(__name__)


def open_file(
    session: Session, storage: FileStorage, company_id: int, file_id: UUID, version: int | None = None
) -> tuple[StoredFile, Bytes]:
    """Return a file and its bytes, the present version's; no transaction is held while they are read.

    Raises NoSuchFile, also for a version that was never there; VersionReplaced for one that was; StorageDown,
    BytesMissing.
    """
    for _ in range(MOST_LOOKS):
        with session.begin():
            file = files.get(session, company_id, file_id)
        if version is not None and version > file.version:
            raise NoSuchFile
        if version is not None and version < file.version:
            raise VersionReplaced(file.version)
        try:
            return file, storage.open(*files.place_of(file))
        except NoSuchBytes:
            # Replaced or deleted between the two looks; the next one tells which.
            continue
    log.error("bytes of a file are missing", file=str(file_id))
    raise BytesMissing("The file's bytes can't be found at the moment.")
