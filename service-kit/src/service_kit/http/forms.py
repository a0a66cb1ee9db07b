"""Forms with files: werkzeug's parser with reads that keep every file byte for byte."""

import re
from typing import IO, TYPE_CHECKING, cast

from flask import Request
from werkzeug.formparser import FormDataParser

if TYPE_CHECKING:
    from werkzeug.formparser import t_parse_result

FORM = "multipart/form-data"
READ_BYTES = 16 * 1024
FORM_BYTES = 64 * 1024
"""`max_form_memory_size` for routes with forms: room for several reads.

The decoder keeps the end of a read, from a line end on, because it may begin a delimiter. It refuses the next read
where both together exceed the limit."""
MAX_PADDING_BYTES = 64


class FormParser(FormDataParser):
    """Reads `multipart/form-data` in small reads, none of which ends inside a delimiter's end."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> "t_parse_result":
        """Return the stream, the fields and the files; raise werkzeug's errors."""
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

    werkzeug's decoder adds the CR before the last delimiter to the file where a read ends behind the first of the
    delimiter's two dashes, or in blanks behind the delimiter. Such a read continues until the delimiter is complete.
    """

    def __init__(self, stream: IO[bytes], boundary: bytes) -> None:
        self._stream = stream
        self._incomplete_delimiter = re.compile(rb"--%s(?:-|[ \t\v\f]+)\Z" % re.escape(boundary))
        self._max_delimiter_bytes = len(boundary) + 2 + MAX_PADDING_BYTES
        self._tail = b""

    def read(self, size: int) -> bytes:
        """Return the next bytes, b"" at the end; more than `size` where a delimiter would be cut."""
        piece = self._stream.read(min(size, READ_BYTES))
        while self._incomplete_delimiter.search(self._end_with(piece)) and (more := self._stream.read(1)):
            piece += more
        self._tail = self._end_with(piece)
        return piece

    def _end_with(self, piece: bytes) -> bytes:
        return (self._tail + piece[-self._max_delimiter_bytes :])[-self._max_delimiter_bytes :]
