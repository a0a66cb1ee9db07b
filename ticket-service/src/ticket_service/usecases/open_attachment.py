"""Open the bytes of a comment's file for reading."""

from uuid import UUID

from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from ticket_service.domain.attachments import Attachment
from ticket_service.domain.comments import Reader
from ticket_service.ports import BlobMissing, BlobNotFound, ByteStream, FileStorage
from ticket_service.store import attachments, comments
from ticket_service.store.blobs import BlobKey

MAX_ATTEMPTS = 2

log = get_logger(__name__)


def open_attachment(
    session: Session, storage: FileStorage, company_id: int, comment_id: int, file_id: UUID, reader: Reader
) -> tuple[Attachment, ByteStream]:
    """Return a file of a comment that the reader sees, and its bytes; no transaction is open while they are read.

    Raises CommentNotFound, NoSuchFile, StorageDown and BlobMissing.
    """
    for _ in range(MAX_ATTEMPTS):
        with session.begin():
            comment = comments.get(session, company_id, comment_id, reader)
            file = attachments.get(session, comment, file_id)
        try:
            return file, storage.open(*BlobKey(company_id, file.storage_key))
        except BlobNotFound:
            # The file was deleted after the query; the next attempt shows it.
            continue
    log.error("bytes of a file are missing", file=str(file_id))
    raise BlobMissing("The file's bytes can't be found at the moment.")
