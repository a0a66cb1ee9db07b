"""Open a file's bytes for reading."""

from collections.abc import Callable
from uuid import UUID

from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from ticket_service.domain.files import NoSuchFile, StoredFile, VersionReplaced
from ticket_service.ports import BlobMissing, BlobNotFound, ByteStream, FileStorage
from ticket_service.store import files

MAX_ATTEMPTS = 3

log = get_logger(__name__)


def open_file(
    session: Session,
    storage: FileStorage,
    company_id: int,
    file_id: UUID,
    version: int | None = None,
    *,
    is_known: Callable[[StoredFile], bool] = lambda _file: False,
) -> tuple[StoredFile, ByteStream | None]:
    """Return a file and the bytes of its current version; no transaction is open while they are read.

    The bytes are None where `is_known` says that the caller has them. Raises NoSuchFile (also for a version that never
    existed), VersionReplaced for an older version, StorageDown and BlobMissing.
    """
    for _ in range(MAX_ATTEMPTS):
        with session.begin():
            file = files.get(session, company_id, file_id)
        if version is not None and version > file.version:
            raise NoSuchFile
        if version is not None and version < file.version:
            raise VersionReplaced(file.version)
        if is_known(file):
            return file, None
        try:
            return file, storage.open(*files.blob_key_of(file))
        except BlobNotFound:
            # The file was replaced or deleted after the query; the next attempt shows which.
            continue
    log.error("bytes of a file are missing", file=str(file_id))
    raise BlobMissing("The file's bytes can't be found at the moment.")
