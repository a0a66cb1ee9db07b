"""Files in a folder of this machine, or of one that all replicas share."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from ticket_service.ports import Bytes, NoSuchBytes, StorageDown

PIECE_BYTES = 64 * 1024


class Folder:
    """Keeps each file as one below `root`. A path is made of numbers and keys, never of what people typed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def expect(self) -> None:
        """Return: the folder is made when it is needed."""

    def put(self, company: int, key: UUID, content: BinaryIO, size: int) -> None:
        """Store content; a crash leaves at most a draft, which `remove` knows."""
        place = self._place(company, key)
        with _failing_as_down():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            content.seek(0)
            with _draft(place).open("wb") as draft:
                shutil.copyfileobj(content, draft, PIECE_BYTES)
                draft.flush()
                os.fsync(draft.fileno())
                if draft.tell() != size:
                    raise OSError("another size than was said")
            _draft(place).replace(place)
            _sync_folder(place.parent)

    def open(self, company: int, key: UUID) -> Bytes:
        """Return stored bytes; what is opened stays readable even when it is removed meanwhile."""
        with _failing_as_down():
            try:
                return _Reading(self._place(company, key).open("rb"))
            except FileNotFoundError:
                raise NoSuchBytes from None

    def remove(self, company: int, key: UUID) -> None:
        """Remove bytes and drafts."""
        place = self._place(company, key)
        with _failing_as_down():
            place.unlink(missing_ok=True)
            _draft(place).unlink(missing_ok=True)

    def _place(self, company: int, key: UUID) -> Path:
        # 256 folders each, because some file systems are slow with many thousands of files in one.
        return self._root / str(int(company)) / key.hex[:2] / key.hex


class Nowhere:
    """Says what is missing where nobody said where files go."""

    def expect(self) -> None:
        """Raise StorageDown."""
        raise _nowhere()

    def put(self, company: int, key: UUID, content: BinaryIO, size: int) -> None:
        """Raise StorageDown."""
        raise _nowhere()

    def open(self, company: int, key: UUID) -> Bytes:
        """Raise StorageDown."""
        raise _nowhere()

    def remove(self, company: int, key: UUID) -> None:
        """Raise StorageDown."""
        raise _nowhere()


class _Reading:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        with self._file, _failing_as_down():
            while piece := self._file.read(PIECE_BYTES):
                yield piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _draft(place: Path) -> Path:
    return place.with_suffix(".part")


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder outlive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _nowhere() -> StorageDown:
    return StorageDown("There is no place for files yet: set FILES_DIR, or FILES_STORAGE=s3.")


@contextmanager
def _failing_as_down() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageDown(f"The folder of files can't be used at the moment ({error.strerror or error}).") from error
