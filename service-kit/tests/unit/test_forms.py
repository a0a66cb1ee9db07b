"""A form's files and fields arrive byte by byte as they were sent, wherever the reads of the body end."""

import re
import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from service_kit.http.forms import FORM, FORM_BYTES, READ_BYTES, FormParser
from werkzeug.exceptions import RequestEntityTooLarge

BOUNDARIES = [
    b"b",
    b"-" * 24 + b"uyFpBZ3xVnYFtEHkaaY0Wo",  # curl
    b"----WebKitFormBoundary7MA4YWxkTrZu0gW",
    b"0a1b2c3d4e5f60718293a4b5c6d7e8f9",  # requests
    b"=_" + b"x" * 68,
]
DELIMITERS = {each: re.compile(rb"[\r\n]--" + re.escape(each) + rb"(?=--|\s|\Z)") for each in BOUNDARIES}


class Reads(BytesIO):
    """A body with reads of the given lengths; the last length applies to all further reads."""

    def __init__(self, body: bytes, *lengths: int) -> None:
        super().__init__(body)
        self._lengths = list(lengths)

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert size > 0
        length = self._lengths.pop(0) if len(self._lengths) > 1 else self._lengths[0] if self._lengths else size
        return super().read(min(size, length))


def form(boundary: bytes, *parts: tuple[str, bytes]) -> bytes:
    """Write a form; parts whose name begins with "file" are files."""
    written = b""
    for name, content in parts:
        file = '; filename="a.txt"' if name.startswith("file") else ""
        written += b"--%s\r\nContent-Disposition: form-data; " % boundary
        written += f'name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"
    return written + b"--%s--\r\n" % boundary


def parse(stream: IO[bytes], boundary: bytes, **limits: Any) -> dict[str, bytes]:
    parser = FormParser(lambda *_, **__: BytesIO(), limits.pop("memory", FORM_BYTES), silent=False, **limits)
    _, fields, files = parser.parse(stream, FORM, None, {"boundary": boundary.decode()})
    return {name: value.encode() for name, value in fields.items()} | {
        name: file.stream.read() for name, file in files.items()
    }


def fillings(boundary: bytes) -> Iterator[bytes]:
    """Yield contents of files: line ends, dashes, and beginnings of delimiters."""
    yield from (b"x", b"\n", b"\r", b"\r\n", b"\n\r", b"-", b"\r\n-", b"\r\n--", b"a line of text\n", b"a\r\n\r\n")
    delimiter = b"\r\n--" + boundary
    yield from (delimiter[:-1], delimiter[:-1] + b"!", b"\n--" + boundary[:-1], boundary + b"\r\n", delimiter + b"?")
    yield from (b"x--" + boundary, b"x--" + boundary + b"--\r\n", delimiter + b"-x")


def sendable(content: bytes, boundary: bytes) -> bytes:
    """Return the content without delimiters: a client chooses a boundary that its files don't contain."""
    return DELIMITERS[boundary].sub(b"!!!", b"\r\n" + content)[2:]


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_file_is_the_same_wherever_a_read_ends(boundary: bytes) -> None:
    for filling in fillings(boundary):
        content = filling * (60 // len(filling) + 2)
        body = form(boundary, ("file", content), ("kind", b"text"))
        for cut in range(1, len(body)):
            assert parse(Reads(body, cut, len(body)), boundary) == {"file": content, "kind": b"text"}, (filling, cut)
        body = form(boundary, ("kind", b"text"), ("file", content))
        for cut in range(1, len(body)):
            assert parse(Reads(body, cut, len(body)), boundary) == {"file": content, "kind": b"text"}, (filling, cut)


@pytest.mark.parametrize("boundary", BOUNDARIES[1:2])
def test_a_file_is_the_same_at_every_length_around_the_reads(boundary: bytes) -> None:
    for filling in fillings(boundary):
        plenty = filling * (READ_BYTES // len(filling) + 200)
        for length in range(READ_BYTES - 2 * len(boundary) - 160, READ_BYTES + 3):
            content = sendable(plenty[:length], boundary)
            assert parse(BytesIO(form(boundary, ("file", content))), boundary) == {"file": content}, length


@pytest.mark.parametrize("padding", [b" ", b"\t", b" " * 40])
def test_blanks_behind_a_delimiter_are_no_part_of_a_file_wherever_a_read_ends(padding: bytes) -> None:
    body = form(b"bound", ("file", b"words"), ("kind", b"text")).replace(b"--bound\r\n", b"--bound" + padding + b"\r\n")
    for cut in range(1, len(body)):
        assert parse(Reads(body, cut, len(body)), b"bound") == {"file": b"words", "kind": b"text"}, cut


@settings(max_examples=400, deadline=None)
@given(
    boundary=st.sampled_from(BOUNDARIES),
    pieces=st.lists(st.one_of(st.integers(0, 15), st.binary(max_size=80)), max_size=30),
    lengths=st.lists(st.integers(1, 3_000), min_size=1, max_size=20),
    repeat=st.integers(1, 10),
)
@example(boundary=b"b", pieces=[1], lengths=[1], repeat=1)
def test_a_file_of_anything_is_the_same_in_reads_of_any_lengths(
    boundary: bytes, pieces: list[int | bytes], lengths: list[int], repeat: int
) -> None:
    samples = list(fillings(boundary))
    content = b"".join(samples[piece] if isinstance(piece, int) else piece for piece in pieces) * repeat
    content = sendable(content, boundary)
    beginning = sendable(content[:100], boundary)  # the cut may end with a delimiter
    body = form(boundary, ("kind", b"text"), ("file", content), ("file2", beginning))
    sent = {"kind": b"text", "file": content, "file2": beginning}
    assert parse(Reads(body, *lengths), boundary) == sent
    assert parse(Reads(body, *lengths, 17_000), boundary) == sent
    assert parse(BytesIO(body), boundary) == sent


@pytest.mark.parametrize("filling", [b"\n", b"\r\n", b"\r\n--", b"x"])
def test_a_large_file_takes_no_memory_but_that_of_some_reads(filling: bytes) -> None:
    class Nothing(BytesIO):
        size = 0

        def write(self, piece: Any) -> int:
            self.size += len(piece)
            return len(piece)

    class Endless(BytesIO):
        def __init__(self) -> None:
            super().__init__(form(b"bound", ("file", b"@")).split(b"@")[0])
            self.left, self.end = 400, b"\r\n--bound--\r\n"

        def read(self, size: int | None = -1) -> bytes:
            if head := super().read(size):
                return head
            if self.left:
                self.left -= 1
                return (filling * 16_384)[:16_384]
            end, self.end = self.end, b""
            return end

    tracemalloc.start()
    parser = FormParser(lambda *_, **__: Nothing(), FORM_BYTES, silent=False)
    _, _, files = parser.parse(Endless(), FORM, None, {"boundary": "bound"})
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert files["file"].stream.size == 400 * 16_384  # type: ignore[attr-defined]
    assert most < 1_000_000


def test_a_field_is_held_in_memory_and_has_a_limit() -> None:
    for length in (FORM_BYTES - 1, FORM_BYTES):
        assert parse(BytesIO(form(b"b", ("kind", b"x" * length))), b"b") == {"kind": b"x" * length}
    with pytest.raises(RequestEntityTooLarge):
        parse(BytesIO(form(b"b", ("kind", b"x\n" * FORM_BYTES))), b"b")


def test_so_many_parts_and_no_more() -> None:
    with pytest.raises(RequestEntityTooLarge):
        parse(BytesIO(form(b"b", *[("kind", b"x")] * 11)), b"b", max_form_parts=10)


def test_what_is_no_form_is_refused() -> None:
    for body in (b"", b"words", form(b"b", ("file", b"words"))[:-8]):
        with pytest.raises(ValueError, match=r"."):
            parse(BytesIO(body), b"b")
    parser = FormParser(silent=False)
    with pytest.raises(ValueError, match=r"."):
        parser.parse(BytesIO(b"x"), FORM, None, {"boundary": "\u00e4"})
    with pytest.raises(ValueError, match=r"."):
        parser.parse(BytesIO(b"x"), FORM, None, {})
