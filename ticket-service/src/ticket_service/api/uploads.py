"""Receives a form with one file: on disk, counted and hashed while it comes, never in memory."""

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

MOST_PARTS = 10
FILE, KIND = "file", "kind"


@dataclass(frozen=True)
class Received:
    """A file as it came; its content is at its beginning and gone when the request ends."""

    given_name: str
    given_kind: str | None
    content: BinaryIO
    size: int
    sha256: str


@contextmanager
def received(incoming: Path, largest: int) -> Iterator[Received]:
    """Receive the current request's form; what was received is removed at the end, and by a crash too.

    Raises Invalid, a 413 or 415 problem, StorageDown.
    """
    if request.mimetype != FORM:
        raise Problem(f"The body must be {FORM}.", status=415, code="unsupported_media_type")
    spools: list[_Spool] = []

    def spool(*_: Any, **__: Any) -> IO[bytes]:
        if spools:
            raise _invalid(FILE, "One file at a time.")
        spools.append(_Spool(incoming, largest))
        return cast(IO[bytes], spools[0])

    try:
        yield _read(FormParser(spool, FORM_BYTES, largest + FORM_BYTES, silent=False, max_form_parts=MOST_PARTS))
    finally:
        for each in spools:
            each.file.close()


def _read(parser: FormParser) -> Received:
    try:
        _, form, files = parser.parse_from_environ(request.environ)
    except (Problem, HTTPException, StorageDown):
        raise
    except Exception as error:
        # The parser and each server have errors of their own for a body that breaks off or is no form.
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
    spool = cast(_Spool, part.stream)
    if not spool.size:
        raise _invalid(FILE, "The file is empty.")
    kind = kinds[0] if kinds else None
    return Received(part.filename or "", kind or None, spool.file, spool.size, spool.hash.hexdigest())


def _refuse_others(form: Mapping[str, Any], files: Mapping[str, Any]) -> None:
    # A name that can't be read is None here, not missing.
    others = [name or "form" for name in (*form, *files) if (name, name in files) not in {(FILE, True), (KIND, False)}]
    if others:
        errors = [{"field": name, "message": "Unknown part; there are file and kind."} for name in others]
        raise Invalid("Some parts of the form are not known.", errors=errors)


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[{"field": field, "message": message}])


class _Spool:
    """A file without a name on disk, which the form's parser writes to."""

    def __init__(self, folder: Path, largest: int) -> None:
        self._largest = largest
        self.size = 0
        self.hash = hashlib.sha256()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.file = cast(BinaryIO, tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 - closed with the request
        except OSError as error:
            raise _disk(error) from error

    def write(self, piece: bytes) -> int:
        """Take the next piece."""
        self.size += len(piece)
        if self.size > self._largest:
            raise Problem(f"The file is larger than {self._largest} bytes.", status=413, code="too_large")
        self.hash.update(piece)
        try:
            return self.file.write(piece)
        except OSError as error:
            raise _disk(error) from error

    def seek(self, offset: int) -> int:
        """Go to a place (the parser goes to the beginning)."""
        return self.file.seek(offset)

    def close(self) -> None:
        """Close the file, which removes it."""
        self.file.close()


def _disk(error: OSError) -> StorageDown:
    return StorageDown(f"Uploads can't be received at the moment ({error.strerror or error}).")
