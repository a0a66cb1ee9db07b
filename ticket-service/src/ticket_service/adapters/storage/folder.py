"""Files in a folder of this machine, or in a shared folder of all replicas."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from ticket_service.ports import BlobNotFound, ByteStream, StorageDown

CHUNK_BYTES = 64 * 1024


class Folder:
    """Stores each blob as one file below `root`. A path consists of numbers and keys, never of user input."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def check_configured(self) -> None:
        """Do nothing: `put` creates the folder."""

    def put(self, company_id: int, key: UUID, content: BinaryIO, size: int) -> None:
        """Store content; a crash leaves at most a temporary file, which `remove` deletes."""
        path = self._path(company_id, key)
        with _storage_errors():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            content.seek(0)
            with _temporary(path).open("wb") as temporary:
                shutil.copyfileobj(content, temporary, CHUNK_BYTES)
                temporary.flush()
                os.fsync(temporary.fileno())
                if temporary.tell() != size:
                    raise OSError("the content has another size than expected")
            _temporary(path).replace(path)
            _sync_folder(path.parent)

    def open(self, company_id: int, key: UUID) -> ByteStream:
        """Return stored bytes; an open stream stays readable when the bytes are deleted."""
        with _storage_errors():
            try:
                return _Stream(self._path(company_id, key).open("rb"))
            except FileNotFoundError:
                raise BlobNotFound from None

    def remove(self, company_id: int, key: UUID) -> None:
        """Delete the bytes and the temporary file."""
        path = self._path(company_id, key)
        with _storage_errors():
            path.unlink(missing_ok=True)
            _temporary(path).unlink(missing_ok=True)

    def remove_company(self, company_id: int) -> None:
        """Delete the company's folder."""
        with _storage_errors(), suppress(FileNotFoundError):
            shutil.rmtree(self._company(company_id))

    def _company(self, company_id: int) -> Path:
        return self._root / str(int(company_id))

    def _path(self, company_id: int, key: UUID) -> Path:
        # 256 folders per company, because some file systems are slow with many thousands of files in one folder.
        return self._company(company_id) / key.hex[:2] / key.hex


class NoStorage:
    """Stands for a storage that is not configured: every call raises StorageDown."""

    def check_configured(self) -> None:
        """Raise StorageDown."""
        raise _not_configured()

    def put(self, company_id: int, key: UUID, content: BinaryIO, size: int) -> None:
        """Raise StorageDown."""
        raise _not_configured()

    def open(self, company_id: int, key: UUID) -> ByteStream:
        """Raise StorageDown."""
        raise _not_configured()

    def remove(self, company_id: int, key: UUID) -> None:
        """Raise StorageDown."""
        raise _not_configured()

    def remove_company(self, company_id: int) -> None:
        """Do nothing: nothing could be stored."""


class _Stream:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        with self._file, _storage_errors():
            while chunk := self._file.read(CHUNK_BYTES):
                yield chunk

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _temporary(path: Path) -> Path:
    return path.with_suffix(".part")


def _sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk, so that a renamed file survives a power failure."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _not_configured() -> StorageDown:
    return StorageDown("There is no place for files yet: set FILES_DIR, or FILES_STORAGE=s3.")


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageDown(f"The folder of files can't be used at the moment ({error.strerror or error}).") from error
