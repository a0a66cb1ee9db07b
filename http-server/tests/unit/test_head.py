"""The head of a request: its checks and its WSGI environment."""

import pytest
from http_server.head import Addresses, Head, environ_of
from http_server.refusal import Refusal

HERE = Addresses("203.0.113.7", "127.0.0.1", 5000)


def head(target: bytes = b"/", *headers: tuple[bytes, bytes], method: bytes = b"GET", version: str = "1.1") -> Head:
    return Head(method, target, version, [(b"Host", b"localhost"), *headers])


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/", "/", ""),
        (b"/api/tickets?a=1&b=%20", "/api/tickets", "a=1&b=%20"),
        (b"//api/tickets", "//api/tickets", ""),
        (b"/a%2Fb%20c", "/a/b c", ""),
        (b"/caf%C3%A9", "/caf\u00c3\u00a9", ""),
        (b"http://elsewhere/api/statuses?x=y", "/api/statuses", "x=y"),
        (b"https://elsewhere", "/", ""),
        (b"https://elsewhere?x=y", "/", "x=y"),
        (b"*", "*", ""),
        (b"/a?b?c#d", "/a", "b?c#d"),
        (b"/redirect?to=http://x/y", "/redirect", "to=http://x/y"),
    ],
)
def test_the_target_becomes_path_and_query(target: bytes, path: str, query: str) -> None:
    environ = environ_of(head(target), HERE)
    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == (path, query)
    assert environ["RAW_URI"] == target.decode("latin-1")


def test_fields_of_one_name_are_joined_and_names_with_an_underscore_are_dropped() -> None:
    environ = environ_of(
        head(
            b"/",
            (b"Accept", b"a"),
            (b"accept", b"b"),
            (b"X_Internal_Token", b"forged"),
            (b"X-Name", "é".encode()),
            (b"Content-Type", b"text/plain"),
        ),
        HERE,
    )
    assert environ["HTTP_ACCEPT"] == "a,b"
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert environ["HTTP_X_NAME"] == "\u00c3\u00a9"
    assert "HTTP_X_INTERNAL_TOKEN" not in environ
    assert (environ["REMOTE_ADDR"], environ["SERVER_PORT"]) == ("203.0.113.7", "5000")


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (head(version="2.0"), 505),
        (head(version="0.9"), 505),
        (head(b"example.org:443", method=b"CONNECT"), 501),
        (head(b"tickets"), 400),
        (head(b"ftp://host/x"), 400),
        (Head(b"GET", b"/", "1.1", []), 400),
        (head(b"/", (b"Host", b"other")), 400),
        (head(b"/", (b"Transfer-Encoding", b"gzip, chunked")), 501),
        (head(b"/", (b"Transfer-Encoding", b"chunked"), version="1.0"), 400),
        (head(b"/", (b"Expect", b"200-ok")), 417),
    ],
)
def test_unsupported_and_ambiguous_heads_are_refused(found: Head, status: int) -> None:
    with pytest.raises(Refusal) as refused:
        found.check()
    assert refused.value.status == status


def test_http_1_0_needs_no_host() -> None:
    Head(b"GET", b"/", "1.0", []).check()
