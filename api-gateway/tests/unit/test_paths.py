"""Request targets: what is accepted, what is refused, and that nothing else happens."""

import pytest
from api_gateway.paths import join, recode_query, split_target
from hypothesis import given
from hypothesis import strategies as st
from service_kit.http.problems import Problem

GOOD = [
    ("/", ()),
    ("", ()),
    ("/api/tickets", ("api", "tickets")),
    ("/api/tickets/", ("api", "tickets")),
    ("/api/tickets/7", ("api", "tickets", "7")),
    ("/api/departments/IT%20Support", ("api", "departments", "IT Support")),
    ("/api/departments/B%C3%BCro", ("api", "departments", "Büro")),
    ("/api/departments/B\xc3\xbcro", ("api", "departments", "Büro")),
    ("/api/departments/a+b", ("api", "departments", "a+b")),
    ("/api/departments/50%25", ("api", "departments", "50%")),
    ("/api/departments/%252e%252e", ("api", "departments", "%2e%2e")),
    ("/api/departments/A%2FB", ("api", "departments", "A/B")),
    ("/api/departments/A%5cB/tickets", ("api", "departments", "A\\B", "tickets")),
    ("/api/departments/..%2f..%2fx", ("api", "departments", "../../x")),
    ("/api/tickets%2f7", ("api", "tickets/7")),
    ("/api/departments/..a", ("api", "departments", "..a")),
    ("/api/departments/a;b=c", ("api", "departments", "a;b=c")),
    ("http://other.example/api/tickets", ("api", "tickets")),
    ("HTTP://other.example:81/api/tickets", ("api", "tickets")),
    ("https://other.example", ()),
    ("/%61pi/tickets", ("api", "tickets")),
    ("/api/%E2%80%AE", ("api", "\u202e")),
]
BAD = [
    *(f"/api/tickets{slash}7" for slash in ("\\", "%00", "\x00")),
    *(f"/api/tickets/..{slash}..{slash}x" for slash in ("\\",)),
    *(f"/api/tickets/{raw}" for raw in ("\r\n", "\n", "\t", " ", "a b", "\x7f", "\x01", "#x")),
    *(f"/api/tickets/%{code}" for code in ("0a", "0D", "09", "7f", "1b", "01")),
    *(f"/api/tickets/%{rest}" for rest in ("", "g0", "0", "zz", "u0041")),
    *(f"/api/tickets/{raw}" for raw in ("%ff", "%c0%ae", "%c0%ae%c0%ae", "%e0%80%af", "%ed%a0%80", "\xff", "%c3")),
    "api/tickets",
    "*",
    "ftp://other.example/x",
    "javascript:alert(1)",
]
NOT_THERE = [
    *(f"/api/{dots}/tickets" for dots in (".", "..", "%2e", "%2E%2e", ".%2e", "%2e.", "%2E%2E")),
    *(f"/api/tickets/{dots}" for dots in (".", "..", "%2e%2e")),
    "/..",
    "/../etc/passwd",
    "//",
    "//api/tickets",
    "/api//tickets",
    "/api/tickets//",
    "///",
    "/%20//x",
    "http://a.example//b",
]


@pytest.mark.parametrize(("target", "segments"), GOOD)
def test_a_decent_path_becomes_plain_segments(target: str, segments: tuple[str, ...]) -> None:
    assert split_target(target) == (segments, "")


@pytest.mark.parametrize("target", [*BAD, *NOT_THERE])
def test_a_path_that_can_be_read_in_two_ways_names_nothing(target: str) -> None:
    with pytest.raises(Problem) as refused:
        split_target(target)
    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_an_address_that_is_too_long_is_414() -> None:
    with pytest.raises(Problem) as refused:
        split_target("/" + "a" * 5000)
    assert refused.value.status == 414


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="/\\"),
                        min_size=1).filter(lambda s: s not in (".", "..")), max_size=5))  # fmt: skip
def test_encoding_segments_and_decoding_them_again_changes_nothing(segments: list[str]) -> None:
    target = join(tuple(segments))
    if len(target) <= 4096:
        assert split_target(target) == (tuple(segments), "")


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_whatever_comes_is_either_harmless_or_a_problem(target: str) -> None:
    status, segments, query = outcome("/" + target)
    assert status in (200, 400, 404)
    assert query.isascii()
    for segment in segments:
        assert segment not in (".", "..")
        assert not {"/", "\\", "\x00"} & set(segment)


def outcome(target: str) -> tuple[int, tuple[str, ...], str]:
    try:
        segments, query = split_target(target)
    except Problem as problem:
        return problem.status, (), ""
    return 200, segments, query


@pytest.mark.parametrize(
    ("raw", "recoded"),
    [
        ("status=pending&department=IT%20Support", "status=pending&department=IT+Support"),
        ("department=a%26status%3Dresolved", "department=a%26status%3Dresolved"),
        ("q=a+b", "q=a+b"),
        ("q=", "q="),
        ("q", "q="),
        ("q=%C3%BC", "q=%C3%BC"),
        ("q=\xc3\xbc", "q=%C3%BC"),
        ("a=1&a=2", "a=1&a=2"),
        ("a=1;b=2", "a=1%3Bb%3D2"),
        ("q=%00", "q=%00"),
        ("q=x#y", "q=x%23y"),
    ],
)
def test_a_query_is_decoded_and_encoded_again(raw: str, recoded: str) -> None:
    assert recode_query(raw) == recoded


@pytest.mark.parametrize("raw", ["q=%ff", "q=\xff", "&".join(f"a{n}=1" for n in range(200))])
def test_a_query_that_makes_no_sense_is_400(raw: str) -> None:
    with pytest.raises(Problem) as refused:
        recode_query(raw)
    assert (refused.value.status, refused.value.code) == (400, "bad_query")
