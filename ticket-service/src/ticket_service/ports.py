"""The ports of this service: the storage for files, and the services that own departments and teams."""

from collections.abc import Iterator
from typing import BinaryIO, Protocol
from uuid import UUID

from ticket_service.domain.teams import Team


class StorageDown(Exception):
    """The file storage is unavailable or not configured."""

    code = "storage_down"
    retry_after_seconds = 5


class BlobMissing(StorageDown):
    """The storage answers, but doesn't have a file's bytes; other files may be complete."""

    code = "bytes_missing"


class BlobNotFound(Exception):
    """The storage has no bytes under that key."""


class ByteStream(Protocol):
    """A stream of stored bytes; the reader reads it to the end or closes it."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield chunks of bytes; raise StorageDown where the storage fails."""

    def close(self) -> None:
        """Close the stream; closing it twice is harmless."""


class FileStorage(Protocol):
    """Stores bytes by company and key; a key is never used twice. Thread-safe.

    Every method raises StorageDown.
    """

    def check_configured(self) -> None:
        """Raise StorageDown where no storage is configured, whatever its state."""

    def put(self, company_id: int, key: UUID, content: BinaryIO, size: int) -> None:
        """Store `content` from its beginning, `size` bytes; durable on return, and never readable in part."""

    def open(self, company_id: int, key: UUID) -> ByteStream:
        """Return stored bytes; raise BlobNotFound."""

    def remove(self, company_id: int, key: UUID) -> None:
        """Delete bytes, and the temporary file of an interrupted `put`; a missing key is no error."""

    def remove_company(self, company_id: int) -> None:
        """Delete all bytes of a company, those of interrupted uploads too."""


class Directory(Protocol):
    """Departments and teams as the services that own them know them now."""

    def takes_tickets(self, company_id: int, department: str) -> bool | None:
        """Return whether a department takes tickets now; None where its owner is unavailable."""

    def team(self, company_id: int, replica: Team) -> Team | None:
        """Return a team as it is now, None where it takes no tickets, `replica` where its owner is unavailable."""


class MailFilesDown(Exception):
    """The service that has the mails can't be reached, or answers with an error."""


class MailFileGone(Exception):
    """The mail is removed, or has no such file."""


class MailFiles(Protocol):
    """The files of mails, which the service that reads mails has."""

    def content(self, company_id: int, mail_id: int, position: int) -> bytes:
        """Return the content of a file; raise MailFileGone, MailFilesDown."""
