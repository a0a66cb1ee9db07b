"""Return paths: every spelling of another site is refused."""

import string
from urllib.parse import urljoin, urlsplit

import pytest
from auth_service.domain.return_path import is_return_path, with_parameter
from hypothesis import given
from hypothesis import strategies as st

PUBLIC_URL = "https://desk.example"
OPEN_REDIRECTS = [
    "https://evil.example", "http://evil.example", "//evil.example", "///evil.example", "/\\evil.example",
    "\\\\evil.example", "/\\/evil.example", "/\t/evil.example", "/\n/evil.example", "\t//evil.example",
    " //evil.example", "/ /evil.example",
    "/%2f/evil.example", "/%2F%2Fevil.example", "/%5cevil.example", "/%5C%5Cevil.example", "/..//evil.example",
    "/.//evil.example", "/./evil.example", "/a/..//evil.example", "/%2e%2e//evil.example", "/a//evil.example",
    "/%09/evil.example", "/%0d%0aLocation:https://evil.example", "/\r\nLocation: https://evil.example", "/%00/evil",
    "javascript:alert(1)", "data:text/html,x", "evil.example", "@evil.example", ".evil.example", "https:evil.example",
    "https:/evil.example", "http:evil.example", "/x#@evil.example", "/\u2028/evil.example", "/\uff0fevil.example",
    "\u3002evil.example", "/\u00a0", "/\x7f", "", "?x=1", "#x", "a" * 501, "/" + "a" * 500, "/a/%2e%2e/b", "/a/.%2e/b",
    f"{PUBLIC_URL}.evil.example", f"{PUBLIC_URL}@evil.example", f"{PUBLIC_URL}/console",
]  # fmt: skip


@pytest.mark.parametrize("path", OPEN_REDIRECTS, ids=ascii)
def test_no_spelling_of_another_site_is_a_return_path(path: str) -> None:
    """Authlib CVE-2026-41479 and -44681: open redirects."""
    assert not is_return_path(path)


@pytest.mark.parametrize(
    "path", ["/", "/console", "/a/b?x=//y&z=%2F", "/a%20b", "/~a/b-c_d.e", "/a/", "/a?to=https://b"]
)
def test_paths_of_this_system_are(path: str) -> None:
    assert is_return_path(path)


@given(st.text(alphabet="/\\.%25cCfF@:?#ab\t\n " + string.digits, max_size=12).map(lambda text: "/" + text))
def test_a_return_path_stays_at_its_host_in_every_reading(path: str) -> None:
    if is_return_path(path):
        for seen in (path, path.replace("\\", "/")):
            assert urlsplit(urljoin(PUBLIC_URL, seen)).netloc == "desk.example"


@pytest.mark.parametrize(("path", "expected"), [("/", "/?a=b"), ("/x?y=1", "/x?y=1&a=b"), ("/x?", "/x?&a=b")])
def test_a_parameter_is_added(path: str, expected: str) -> None:
    assert with_parameter(path, "a", "b") == expected
