"""Parsing of requests: independent of how the bytes are split, and within the limits."""

from itertools import pairwise

import pytest
from http_server.limits import Limits
from http_server.reader import Request, RequestReader, input_of
from http_server.refusal import Refusal
from http_server.spool import Spool
from hypothesis import given
from hypothesis import strategies as st

SMALL = Limits(max_target_bytes=100, max_header_bytes=400, max_headers=10, max_body_bytes=50, max_form_bytes=500)
FORM = b"Content-Type: multipart/form-data; boundary=x\r\n"


def reader(limits: Limits = SMALL, spool: Spool | None = None) -> RequestReader:
    return RequestReader(limits, spool or Spool(10_000_000, 0))


def post(body: bytes, more: bytes = b"") -> bytes:
    return b"POST /p HTTP/1.1\r\nHost: a\r\n%bContent-Length: %d\r\n\r\n%b" % (more, len(body), body)


def chunked(*pieces: bytes, more: bytes = b"", trailer: bytes = b"") -> bytes:
    framed = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    head = b"POST /c HTTP/1.1\r\nHost: a\r\n%bTransfer-Encoding: chunked\r\n\r\n" % more
    return head + framed + b"0\r\n" + trailer + b"\r\n"


def read(found: Request) -> bytes:
    data: bytes = input_of(found).read()
    return data


def refused(data: bytes, limits: Limits = SMALL) -> int:
    with pytest.raises(Refusal) as refusal:
        reader(limits).feed(data)
    return refusal.value.status


def assert_harmless(data: bytes) -> None:
    """Fail where reading raises an error other than a refusal."""
    found, status = reader(), 400
    try:
        found.feed(data)
    except Refusal as refusal:
        status = refusal.status
    assert 400 <= status < 600
    found.close()


SEQUENCE = [
    post(b'{"a": 1}'),
    b"GET /g?x=1 HTTP/1.1\r\nHost: a\r\n\r\n",
    chunked(b"hello ", b"\r\n0\r\n\r\n"),
    post(b""),
]


@given(cuts=st.sets(st.integers(1, len(b"".join(SEQUENCE)) - 1)))
def test_requests_are_the_same_however_their_bytes_are_cut(cuts: set[int]) -> None:
    data = b"".join(SEQUENCE)
    found = reader()
    edges = [0, *sorted(cuts), len(data)]
    for begin, end in pairwise(edges):
        found.feed(data[begin:end])
    assert [(one.head.method, one.head.target) for one in found.requests] == [
        (b"POST", b"/p"), (b"GET", b"/g?x=1"), (b"POST", b"/c"), (b"POST", b"/p"),
    ]  # fmt: skip
    assert [read(one) for one in found.requests] == [b'{"a": 1}', b"", b"hello \r\n0\r\n\r\n", b""]
    assert all(one.keep_alive for one in found.requests)
    assert not found.started


@given(st.binary(max_size=400))
def test_no_bytes_at_all_end_in_anything_but_requests_or_a_refusal(data: bytes) -> None:
    assert_harmless(data)


@given(st.binary(max_size=200), st.integers(0, 60))
def test_a_damaged_request_is_refused_or_read_and_nothing_else(noise: bytes, at: int) -> None:
    data = bytearray(b"".join(SEQUENCE))
    data[at : at + len(noise)] = noise
    assert_harmless(bytes(data))


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /" + b"a" * 100 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 400 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 10 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 2000, 431),
        (b"FROB / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        (b"NONSENSE\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 90, 400),
        (b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400),
    ],
)
def test_each_refusal_has_its_status(data: bytes, status: int) -> None:
    assert refused(data) == status


def test_a_declared_length_over_the_limit_is_handed_over_at_once_and_cannot_be_read() -> None:
    found = reader()
    found.feed(post(b"x" * 51)[:-51])
    [request] = found.requests
    assert request.too_large
    assert request.declared == 51
    with pytest.raises(Refusal) as refusal:
        read(request)
    assert refusal.value.status == 413
    found.feed(b"x" * 51)
    assert len(found.requests) == 1


def test_a_chunked_body_is_cut_at_the_limit() -> None:
    found = reader()
    found.feed(chunked(b"x" * 30, b"y" * 20))
    assert read(found.requests.popleft()) == b"x" * 30 + b"y" * 20
    found.feed(chunked(b"x" * 30, b"y" * 21))
    [request] = found.requests
    assert request.too_large
    assert request.declared == 51


@pytest.mark.parametrize("kind", [FORM, b"Content-Type: text/csv; charset=utf-8\r\n"])
def test_forms_and_files_may_be_larger(kind: bytes) -> None:
    found = reader()
    found.feed(post(b"x" * 500, kind))
    assert len(read(found.requests.popleft())) == 500
    found.feed(post(b"x" * 501, kind))
    assert found.requests[0].too_large


def test_json_and_bodies_without_a_type_have_the_small_limit() -> None:
    for kind in (b"", b"Content-Type: application/json\r\n", b"Content-Type: Application/JSON; charset=utf-8\r\n"):
        found = reader()
        found.feed(post(b"x" * 51, kind))
        assert found.requests[0].too_large


def test_trailers_do_not_become_headers() -> None:
    found = reader()
    found.feed(chunked(b"x", trailer=b"X-Internal-Token: forged\r\nContent-Type: text/html\r\n"))
    assert [name for name, _ in found.requests[0].head.headers] == [b"Host", b"Transfer-Encoding"]


def test_a_chunked_encoding_without_content_ends() -> None:
    found = reader()
    found.feed(chunked(b"")[: -len(b"0\r\n\r\n") - 5] + b"1;" + b"e" * 100)
    for _ in range(2):
        found.feed(b"e" * 100)
    with pytest.raises(Refusal) as refusal:
        found.feed(b"e" * 400)
    assert refusal.value.status == 400


def test_an_upgrade_is_not_granted_and_the_next_request_is_read() -> None:
    found = reader()
    upgrade = b"GET /u HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    found.feed(upgrade + SEQUENCE[1])
    assert [one.head.target for one in found.requests] == [b"/u", b"/g?x=1"]


def test_a_closed_reader_releases_its_bytes() -> None:
    spool = Spool(1_000_000, 0)
    found = reader(Limits(), spool)
    found.feed(post(b"x" * 200_000))
    found.feed(post(b"x" * 300_000)[:-1000])
    assert spool.used_bytes == 200_000 + 299_000
    found.close()
    assert spool.used_bytes == 0


@pytest.mark.parametrize("cut", [5, 9, 12, 13, 20])
def test_a_target_that_is_not_ascii_is_read_as_if_it_were_percent_encoded(cut: int) -> None:
    data = "GET /q?a=büro HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    found = reader()
    found.feed(data[:cut])
    found.feed(data[cut:] + SEQUENCE[0])
    assert [one.head.target for one in found.requests] == [b"/q?a=b%C3%BCro", b"/p"]
