"""Reads and writes the user's files, with errors in plain words."""

import os
import tempfile
from pathlib import Path

import click

MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_PREFIX_CHARACTERS = 100


def read_file(path: Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """Return a file's bytes; raises click.ClickException."""
    try:
        if (size := path.stat().st_size) > max_bytes:
            raise click.ClickException(
                f"{path.name} has {size >> 20} MB, {max_bytes >> 20} MB at most are read; split it"
            )
        return path.read_bytes()
    except OSError as error:
        raise _failed(path, "read", error) from error


def expect_writable(path: Path) -> None:
    """Raise click.ClickException if a file can't be written there; creates no file."""
    path = path.resolve()
    if path.is_dir():
        raise click.ClickException(f"{path} can't be written: it is a folder")
    if path.exists() and not os.access(path, os.W_OK):
        raise click.ClickException(f"{path} can't be written: it is write-protected")
    if not _is_special(path):
        try:
            handle, draft = _draft(path)
        except OSError as error:
            raise _failed(path, "written", error) from error
        os.close(handle)
        draft.unlink()


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; raises click.ClickException."""
    path = path.resolve()
    try:
        if _is_special(path):
            path.write_bytes(content)
            return
        handle, draft = _draft(path)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            draft.chmod(0o666 & ~_umask())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _failed(path, "written", error) from error


def _draft(path: Path) -> tuple[int, Path]:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:MAX_PREFIX_CHARACTERS]}-", dir=path.parent)
    return handle, Path(name)


def _is_special(path: Path) -> bool:
    """Return whether a path is a pipe or a device, such as /dev/stdout."""
    return path.exists() and not path.is_file()


def _failed(path: Path, done: str, error: OSError) -> click.ClickException:
    return click.ClickException(f"{path} can't be {done}: {error.strerror or error}")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
