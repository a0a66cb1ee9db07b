"""Forms with files: werkzeug's parser, fed so that every file arrives as it was sent, whatever its bytes are."""

import re
from typing import IO, TYPE_CHECKING, cast

from flask import Request
from werkzeug.formparser import FormDataParser

if TYPE_CHECKING:
    from werkzeug.formparser import t_parse_result

FORM = "multipart/form-data"
READ_BYTES = 16 * 1024
FORM_BYTES = 64 * 1024
"""The decoder refuses a read that exceeds `max_form_memory_size` together with what it keeps back of the read before
(from a line end on, as that may begin a delimiter): a form needs room for several reads."""
MAX_PADDING_BYTES = 64


class FormParser(FormDataParser):
    """Reads `multipart/form-data` in small reads, none of which ends inside the end of a delimiter."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> "t_parse_result":
        """Return the stream, the fields and the files; raise as werkzeug does."""
        boundary = (options or {}).get("boundary", "")
        if mimetype != FORM or not boundary.isascii():
            return super().parse(stream, mimetype, content_length, options)
        reads = cast(IO[bytes], _Reads(stream, boundary.encode()))
        _, fields, files = super().parse(reads, mimetype, content_length, options)
        return stream, fields, files


class FormRequest(Request):
    """A request whose `form` and `files` come from FormParser."""

    form_data_parser_class = FormParser


class _Reads:
    """A body in small reads.

    werkzeug's decoder takes the CR before the last delimiter for a byte of the file where a read ends behind the first
    of the delimiter's two dashes, or in blanks behind the delimiter. Such a read goes on until that is decided.
    """

    def __init__(self, stream: IO[bytes], boundary: bytes) -> None:
        self._stream = stream
        self._undecided = re.compile(rb"--%s(?:-|[ \t\v\f]+)\Z" % re.escape(boundary))
        self._longest = len(boundary) + 2 + MAX_PADDING_BYTES
        self._tail = b""

    def read(self, size: int) -> bytes:
        """Return the next bytes, none at the end; one or two more than `size` where a delimiter ends there."""
        piece = self._stream.read(min(size, READ_BYTES))
        while self._undecided.search(self._end_with(piece)) and (more := self._stream.read(1)):
            piece += more
        self._tail = self._end_with(piece)
        return piece

    def _end_with(self, piece: bytes) -> bytes:
        return (self._tail + piece[-self._longest :])[-self._longest :]
