"""The table of addresses, the allow-list and the aliases."""

from dataclasses import dataclass

import pytest
from api_gateway.aliases import ALIASES, renamed_query
from api_gateway.endpoints import audit
from api_gateway.proxy import upstream_path, wait_seconds
from api_gateway.routes import ROUTES
from api_gateway.routing import DuplicateRoute, RouteTable, parameter_name, pattern_segments
from service_kit.http.problems import Invalid, NotFound, Problem


@dataclass(frozen=True)
class Entry:
    method: str
    pattern: str


TABLE = RouteTable(
    [
        Entry("GET", "/"),
        Entry("GET", "/tickets"),
        Entry("POST", "/tickets"),
        Entry("GET", "/tickets/{id}"),
        Entry("GET", "/tickets/newest"),
        Entry("DELETE", "/tickets/{id}"),
        Entry("GET", "/tickets/{id}/events"),
        Entry("GET", "/{service}/{id}/show"),
    ]
)


def test_a_literal_segment_goes_before_a_parameter() -> None:
    assert TABLE.match("GET", ("tickets", "newest"))[0].pattern == "/tickets/newest"
    entry, params = TABLE.match("GET", ("tickets", "7"))
    assert (entry.pattern, params) == ("/tickets/{id}", {"id": "7"})


def test_a_parameter_is_tried_where_the_literal_leads_nowhere() -> None:
    entry, params = TABLE.match("GET", ("tickets", "7", "show"))
    assert (entry.pattern, params) == ("/{service}/{id}/show", {"service": "tickets", "id": "7"})


def test_head_is_answered_where_get_is() -> None:
    assert TABLE.match("HEAD", ("tickets",))[0].method == "GET"


@pytest.mark.parametrize("segments", [("nothing",), ("tickets", "7", "events", "x"), ("tickets", ""), ("Tickets",)])
def test_what_is_not_listed_is_404(segments: tuple[str, ...]) -> None:
    with pytest.raises(NotFound):
        TABLE.match("GET", segments)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "CONNECT", "get", "PROPFIND", "OPTIONS"])
def test_a_method_that_is_not_offered_is_405_and_says_what_is(method: str) -> None:
    with pytest.raises(Problem) as refused:
        TABLE.match(method, ("tickets",))
    assert refused.value.status == 405
    assert refused.value.headers == {"Allow": "GET, HEAD, OPTIONS, POST"}


def test_two_entries_for_one_address_are_refused() -> None:
    with pytest.raises(DuplicateRoute):
        RouteTable([Entry("GET", "/a/{x}"), Entry("GET", "/a/{y}")])


def test_every_alias_leads_to_something_that_is_there_with_the_same_parameters() -> None:
    offered = {(route.method, route.pattern) for route in ROUTES} | {("GET", "/openapi.json"), ("GET", audit.ADDRESS)}
    for alias in ALIASES:
        assert (alias.to_method, alias.to_pattern) in offered
        assert names(alias.pattern) - alias.parameters.keys() - {alias.company} == names(alias.to_pattern) - {
            alias.company
        }


@pytest.mark.parametrize(
    ("query", "ours"), [("status=draft&page=1&page_size=5", "state=draft&limit=5"), ("status=x", "state=x"), ("", "")]
)
def test_the_status_of_a_workflow_is_its_state(query: str, ours: str) -> None:
    (alias,) = (alias for alias in ALIASES if (alias.method, alias.pattern) == ("GET", "/workflows"))
    assert renamed_query(query, alias.query, numbered_pages=alias.numbered_pages) == ours


def names(pattern: str) -> set[str]:
    return {name for segment in pattern_segments(pattern) if (name := parameter_name(segment))}


def test_a_page_size_is_the_limit_by_another_name() -> None:
    assert renamed_query("page_size=10&status=pending", {"page_size": "limit"}) == "limit=10&status=pending"
    assert renamed_query("q=page_size", {"page_size": "limit"}) == "q=page_size"
    assert renamed_query("", {"page_size": "limit"}) == ""


@pytest.mark.parametrize(("query", "ours"), [("page=1&page_size=10", "limit=10"), ("page=1", ""), ("q=page", "q=page")])
def test_the_first_page_of_a_list_with_numbered_pages_is_the_first_page_here(query: str, ours: str) -> None:
    assert renamed_query(query, {"page_size": "limit"}, numbered_pages=True) == ours


@pytest.mark.parametrize("query", ["page=2", "page=0&page_size=10", "page=", "page=last", "page=1&page=2"])
def test_a_later_page_by_number_is_refused_and_the_answer_says_how_to_go_on(query: str) -> None:
    with pytest.raises(Invalid) as refused:
        renamed_query(query, {"page_size": "limit"}, numbered_pages=True)
    assert [error["field"] for error in refused.value.errors] == ["page"]
    assert "cursor" in refused.value.errors[0]["message"]


def test_a_parameter_stays_one_segment_on_its_way_to_the_service() -> None:
    assert upstream_path("/api/departments/{name}/tickets", {"name": "R&D/ü ?#"}) == (
        "/api/departments/R%26D%2F%C3%BC%20%3F%23/tickets"
    )
    assert upstream_path("/api/dead-letters/{id}", {"service": "ai-service", "id": "7"}) == "/api/dead-letters/7"


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [("wait=10", 10), ("respond-async, wait=3", 3), ("WAIT=2", 2), ("wait=9999", 10), ("respond-async", 0),
     ("await=5", 0), ("wait=x", 0), ("wait=-1", 0)],
)  # fmt: skip
def test_a_caller_may_ask_for_ten_more_seconds(prefer: str, seconds: float) -> None:
    assert wait_seconds(prefer) == seconds


@pytest.mark.parametrize("name", ["A/B", "A\\B", "A/B/C", "%2F", "a?b#c;d", "Ünïcode 🛠", "...", "a/..b", "IT Support"])
def test_a_name_may_hold_what_people_write(name: str) -> None:
    table = RouteTable(ROUTES)
    for segments in (("api", "departments", name), ("api", "departments", name, "tickets")):
        assert table.match("GET", segments)[1] == {"name": name}
    assert table.match("GET", ("api", "analytics", "department", name))[1] == {"name": name}


@pytest.mark.parametrize(
    "segments",
    [
        ("api", "tickets", "7/status"),
        ("api", "tickets", "7\\status"),
        ("api", "tickets/7"),
        ("api", "files", "x/content"),
        ("api", "models", "1/../2", "promote"),
        ("api", "departments", "../tickets"),
        ("api", "departments", "a/./b"),
        ("api", "departments", "/a"),
        ("api", "departments", "a//b"),
        ("api", "departments", "a/"),
    ],
)
def test_an_encoded_slash_leads_nowhere_but_in_a_name(segments: tuple[str, ...]) -> None:
    with pytest.raises(NotFound):
        RouteTable(ROUTES).match("POST" if "promote" in segments else "GET", segments)
