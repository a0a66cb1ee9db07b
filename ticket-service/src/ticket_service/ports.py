"""What this service needs of the outside: a place for the bytes of files, and the owners of departments and teams."""

from collections.abc import Iterator
from typing import BinaryIO, Protocol
from uuid import UUID

from ticket_service.domain.teams import Team


class StorageDown(Exception):
    """The place for files can't be used at the moment, or there is none."""

    code = "storage_down"
    retry_after_seconds = 5


class BytesMissing(StorageDown):
    """A file's bytes are not where they were put; the place itself answers, and other files may be fine."""

    code = "bytes_missing"


class NoSuchBytes(Exception):
    """Nothing is stored under that key."""


class Bytes(Protocol):
    """Stored bytes on their way out; read to their end, or closed."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces; raise StorageDown where they stop coming."""

    def close(self) -> None:
        """Give them up; harmless afterwards."""


class FileStorage(Protocol):
    """Keeps bytes under keys that are never used twice, apart for each company. Safe in any thread.

    Every method raises StorageDown.
    """

    def expect(self) -> None:
        """Return where there is a place at all, whatever its state."""

    def put(self, company: int, key: UUID, content: BinaryIO, size: int) -> None:
        """Store a file's content from its beginning, for good once this returns; nobody sees a part of it."""

    def open(self, company: int, key: UUID) -> Bytes:
        """Return stored bytes; raise NoSuchBytes."""

    def remove(self, company: int, key: UUID) -> None:
        """Remove bytes for good, and what an interrupted `put` left of them; nothing there is fine."""


class Owners(Protocol):
    """The services that own departments and teams."""

    def takes_tickets(self, company: int, department: str) -> bool | None:
        """Return whether a department takes tickets now; None where nobody can say."""

    def team(self, company: int, known: Team) -> Team | None:
        """Return a team as it is now, None where it takes no tickets; as `known` where nobody can say."""
