"""Bodies: read up to the limit, whole or not at all."""

import io
from typing import Any

import pytest
from api_gateway.bodies import TooLarge, body_in_pieces, read_body
from service_kit.http.problems import Invalid


def environ(body: bytes, **more: Any) -> dict[str, Any]:
    return {"wsgi.input": io.BytesIO(body), **more}


def test_a_body_is_read_as_long_as_it_says_it_is() -> None:
    assert read_body(environ(b"hello, world", CONTENT_LENGTH="5")) == b"hello"
    assert read_body(environ(b"x" * 200_000, CONTENT_LENGTH="200000")) == b"x" * 200_000


def test_what_announces_no_body_has_none() -> None:
    assert read_body(environ(b"left over")) == b""
    assert read_body(environ(b"left over", CONTENT_LENGTH="0")) == b""


def test_a_chunked_body_is_read_to_its_end() -> None:
    assert read_body(environ(b"hello", HTTP_TRANSFER_ENCODING="chunked")) == b"hello"


def test_the_limit_is_the_last_length_that_passes() -> None:
    assert len(read_body(environ(b"x" * 10, CONTENT_LENGTH="10"), limit=10)) == 10
    assert len(read_body(environ(b"x" * 10, HTTP_TRANSFER_ENCODING="chunked"), limit=10)) == 10
    for announced in ({"CONTENT_LENGTH": "11"}, {"HTTP_TRANSFER_ENCODING": "chunked"}):
        with pytest.raises(TooLarge):
            read_body(environ(b"x" * 11, **announced), limit=10)


def test_a_length_over_the_limit_is_refused_before_a_byte_is_read() -> None:
    announced = environ(b"x" * 100, CONTENT_LENGTH="100")
    with pytest.raises(TooLarge):
        read_body(announced, limit=10)
    assert announced["wsgi.input"].tell() == 0


@pytest.mark.parametrize("length", ["x", "-1", "+1", "1.0", "1_0", "²", " 1"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    with pytest.raises(Invalid):
        read_body(environ(b"x", CONTENT_LENGTH=length))


def test_half_a_body_is_no_body() -> None:
    with pytest.raises(Invalid):
        read_body(environ(b"half", CONTENT_LENGTH="8"))


class Breaking:
    def read(self, _size: int) -> bytes:
        raise OSError("reset")


def test_a_body_that_breaks_off_is_the_clients_fault() -> None:
    with pytest.raises(Invalid):
        read_body({"wsgi.input": Breaking(), "CONTENT_LENGTH": "8"})


@pytest.mark.parametrize("announced", [{"CONTENT_LENGTH": "40000"}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
def test_a_body_in_pieces_is_the_same_body(announced: dict[str, str]) -> None:
    pieces = list(body_in_pieces(environ(b"x" * 40_000, **announced), 40_000))
    assert b"".join(pieces) == b"x" * 40_000
    assert max(map(len, pieces)) <= 64 * 1024


def test_a_body_in_pieces_that_is_cut_off_or_too_long_says_so_in_the_end() -> None:
    for announced, limit, wrong in (
        ({"CONTENT_LENGTH": "50000"}, 50_000, Invalid),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 39_999, TooLarge),
    ):
        passed = []
        with pytest.raises(wrong):
            passed.extend(piece for piece in body_in_pieces(environ(b"x" * 40_000, **announced), limit))
        assert sum(map(len, passed)) < 40_001
