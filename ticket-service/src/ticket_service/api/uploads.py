"""Receives a form with one file: written to disk, measured and hashed while it arrives, never held in memory."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from flask import request
from service_kit.http.forms import FORM, FORM_BYTES, FormParser
from service_kit.http.parsing import refuse_text
from service_kit.http.problems import Invalid, Problem
from werkzeug.exceptions import HTTPException

from ticket_service.ports import StorageDown

MAX_FORM_PARTS = 10
FILE, KIND = "file", "kind"


@dataclass(frozen=True)
class ReceivedFile:
    """A received file; `content` is open at its beginning and closed at the end of the request."""

    given_name: str
    given_kind: str | None
    content: BinaryIO
    size: int
    sha256: str


@contextmanager
def receive_upload(incoming: Path, max_bytes: int) -> Iterator[ReceivedFile]:
    """Receive the current request's form into an unnamed file, which is deleted on exit, even by a crash.

    Raises Invalid, a 413 or 415 problem, StorageDown.
    """
    if request.mimetype != FORM:
        raise Problem(f"The body must be {FORM}.", status=415, code="unsupported_media_type")
    uploads: list[_UploadedFile] = []

    def upload(*_: Any, **__: Any) -> IO[bytes]:
        if uploads:
            raise _invalid(FILE, "One file at a time.")
        uploads.append(_UploadedFile(incoming, max_bytes))
        return cast(IO[bytes], uploads[0])

    try:
        yield _read(FormParser(upload, FORM_BYTES, max_bytes + FORM_BYTES, silent=False, max_form_parts=MAX_FORM_PARTS))
    finally:
        for received in uploads:
            received.file.close()


def _read(parser: FormParser) -> ReceivedFile:
    try:
        _, form, files = parser.parse_from_environ(request.environ)
    except (Problem, HTTPException, StorageDown):
        raise
    except Exception as error:
        # The parser and each server raise errors of their own for a body that is cut off or not a form.
        raise Invalid(
            "The body is cut off or is no proper form.", errors=[{"field": "body", "message": "Not a proper form."}]
        ) from error
    _refuse_others(form, files)
    if FILE not in files:
        raise _invalid(FILE, "Missing: send it as a part with a file name.")
    kinds = form.getlist(KIND)
    if len(kinds) > 1:
        raise _invalid(KIND, "Given more than once.")
    refuse_text(dict(form))
    part = files[FILE]
    upload = cast(_UploadedFile, part.stream)
    if not upload.size:
        raise _invalid(FILE, "The file is empty.")
    kind = kinds[0] if kinds else None
    return ReceivedFile(part.filename or "", kind or None, upload.file, upload.size, upload.hash.hexdigest())


def _refuse_others(form: Mapping[str, Any], files: Mapping[str, Any]) -> None:
    # A field name that can't be decoded is None here.
    others = [name or "form" for name in (*form, *files) if (name, name in files) not in {(FILE, True), (KIND, False)}]
    if others:
        errors = [{"field": name, "message": "Unknown part; there are file and kind."} for name in others]
        raise Invalid("Some parts of the form are unknown.", errors=errors)


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[{"field": field, "message": message}])


class _UploadedFile:
    """An unnamed file on disk that the form parser writes to."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.size = 0
        self.hash = hashlib.sha256()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.file = cast(BinaryIO, tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 - closed with the request
        except OSError as error:
            raise _disk(error) from error

    def write(self, chunk: bytes) -> int:
        """Write the next chunk and return its size; raise a 413 problem or StorageDown."""
        self.size += len(chunk)
        if self.size > self._max_bytes:
            raise Problem(f"The file is larger than {self._max_bytes} bytes.", status=413, code="too_large")
        self.hash.update(chunk)
        try:
            return self.file.write(chunk)
        except OSError as error:
            raise _disk(error) from error

    def seek(self, offset: int) -> int:
        """Move to an offset (the parser moves to the beginning)."""
        return self.file.seek(offset)

    def close(self) -> None:
        """Close the file, which deletes it."""
        self.file.close()


def _disk(error: OSError) -> StorageDown:
    return StorageDown(f"Uploads can't be received at the moment ({error.strerror or error}).")
