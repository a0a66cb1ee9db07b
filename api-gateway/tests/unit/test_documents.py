"""The merged OpenAPI document, the merged metrics, the index: all made from the same table."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from api_gateway import coming_from
from api_gateway.aliases import ALIASES
from api_gateway.endpoints import audit
from api_gateway.endpoints.conventions import complete
from api_gateway.endpoints.examples import describe
from api_gateway.endpoints.merging import Components, operation_at
from api_gateway.endpoints.metrics import MergedPages, Replica, blocks_of
from api_gateway.endpoints.openapi import merged
from api_gateway.routes import Route
from openapi_spec_validator import validate
from prometheus_client.parser import text_string_to_metric_families
from smartticket_contracts.problems import kinds
from werkzeug.test import Client

Make = Callable[..., Client]
ROOT = Path(__file__).resolve().parents[3]


def document(paths: dict[str, Any], **schemas: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def operation(schema: str, parameter: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {
        "responses": {"200": {"description": "OK", "content": {"application/json": {
            "schema": {"$ref": f"#/components/schemas/{schema}"}}}}},
        "security": [{"internalToken": []}],
    }  # fmt: skip
    if parameter:
        found["parameters"] = [{"name": parameter, "in": "path", "required": True, "schema": {"type": "integer"}}]
    return found


def test_documents_are_merged_and_parameters_are_called_as_the_gateway_calls_them() -> None:
    entries = [Route("GET", "/api/things/{thing_id}", "a"), Route("GET", "/api/others", "b")]
    found = merged(
        entries,
        {
            "a": document({"/api/things/{id}": {"get": operation("View", "id")},
                           "/internal/x": {"get": operation("View")}},
                          View={"type": "object", "title": "of a"}),
            "b": document({"/api/others": {"get": operation("View")}}, View={"type": "object", "title": "of b"}),
        },
        ["a", "b"],
    )  # fmt: skip
    validate(found)
    assert set(found["paths"]) == {"/api/things/{thing_id}", "/api/others"}
    assert found["paths"]["/api/things/{thing_id}"]["get"]["parameters"][0]["name"] == "thing_id"
    schemas = found["components"]["schemas"]
    assert schemas["View"]["title"] == "of a"
    assert schemas["BView"]["title"] == "of b"
    assert "BView" in str(found["paths"]["/api/others"])
    assert "x-missing" not in found


def test_a_part_that_all_services_share_is_there_once() -> None:
    components = Components({})
    for name in ("a", "b", "c"):
        components.add(name, document({}, Problem2={"type": "object"}))
    assert list(components.document["schemas"]) == ["Problem", "Problem2"]


def test_a_service_that_is_down_is_named_and_the_document_stays_valid(gateway: Make) -> None:
    found = gateway().get("/openapi.json").json
    validate(found)
    assert set(found["x-missing"]) == {
        "ticket-service", "ai-service", "routing-service", "analytics-service", "auth-service", "rag-service",
            "workflow-service", "notification-service",
    }  # fmt: skip
    assert "can't be reached" in found["info"]["description"]
    assert found["security"] == [{}, {"bearer": []}, {"apiKey": []}]  # development mode
    assert {"/", "/docs", "/metrics", "/api/health", "/api/statuses"} <= set(found["paths"])


def test_parameters_of_a_path_count_for_its_operations() -> None:
    shared = {"/x/{id}": {"parameters": [{"name": "id", "in": "path"}], "get": {"responses": {}}}}
    found = operation_at(document(shared), "GET", "/x/{other}")
    assert found is not None
    assert found["parameters"] == [{"name": "id", "in": "path"}]
    assert operation_at(document(shared), "POST", "/x/{id}") is None


def test_parameters_of_a_path_have_examples_where_one_is_likely_to_exist() -> None:
    parameters: list[dict[str, Any]] = [
        {"in": "path", "name": "ticket_id", "schema": {"type": "integer"}},
        {"in": "path", "name": "name", "schema": {"type": "string"}},
        {"in": "path", "name": "file_id", "schema": {"type": "string", "format": "uuid"}},
        {"in": "path", "name": "run_id", "schema": {"type": "integer"}, "example": 7},
        {"in": "query", "name": "limit", "schema": {"type": "integer"}},
    ]
    describe(parameters)
    assert [parameter.get("example") for parameter in parameters] == [1, "Legal", None, 7, None]
    assert [bool(parameter.get("description")) for parameter in parameters] == [True, True, True, True, False]


@pytest.mark.parametrize("code", ["stale_version", "not_found", "rate_limited"])
def test_the_type_of_a_problem_leads_to_its_page(gateway: Make, code: str) -> None:
    client = gateway()
    missing = client.get("/nowhere").json
    assert missing["type"] == "/problems/not_found"
    page = client.get(f"/problems/{code}")
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for text in (code, "What to do:", *map(str, kinds()[code].statuses)):
        assert text in page.text
    assert f'href="/problems/{code}"' in client.get("/problems").text


@pytest.mark.parametrize("code", ["nothing", "<script>", "..", "stale_version.html"])
def test_an_unknown_code_has_no_page(gateway: Make, code: str) -> None:
    refused = gateway().get(f"/problems/{quote(code)}")
    assert refused.status_code in (400, 404)
    assert refused.content_type == "application/problem+json"
    assert code not in refused.text


def test_an_operation_has_the_headers_and_errors_of_its_kind() -> None:
    def completed(method: str, **marks: Any) -> dict[str, Any]:
        operation = {"responses": {"200": {"description": "OK"}, "default": {"description": "x"}}, **marks}
        return complete(operation, method, waits=method == "post")

    def sent(operation: dict[str, Any]) -> set[str]:
        return {each["$ref"].rpartition("/")[2] for each in operation.get("parameters", ())}

    get, put, post = (
        completed("get", **{"x-etag": True}), completed("put", **{"x-if-match": True}), completed("post"),
    )  # fmt: skip
    assert [sent(each) for each in (get, put, post)] == [{"IfNoneMatch"}, {"IfMatch"}, {"IdempotencyKey", "Prefer"}]
    assert "304" in get["responses"]
    assert "412" not in get["responses"]
    assert {"412", "409", "413", "415"} <= put["responses"].keys()
    assert {"410", "422"} <= post["responses"].keys() - put["responses"].keys()
    assert "ETag" in put["responses"]["200"]["headers"]
    assert not {"default", "x-etag", "x-if-match"} & (get.keys() | put.keys() | put["responses"].keys())


def test_a_further_error_of_an_operation_has_the_content_of_a_problem() -> None:
    found = operation("Ticket")
    found["responses"]["410"] = {"description": "The comment is deleted"}
    gone = complete(found, "patch")["responses"]["410"]
    assert gone["description"] == "The comment is deleted"
    assert list(gone["content"]) == ["application/problem+json"]


def test_the_index_lists_what_there_is(gateway: Make) -> None:
    endpoints = gateway().get("/").json["endpoints"]
    assert {"method": "POST", "path": "/api/tickets", "answered_by": "ticket-service"} in endpoints
    assert {"method": "GET", "path": "/docs", "answered_by": "api-gateway"} in endpoints


PAGE = """# HELP jobs_total Jobs.
# TYPE jobs_total counter
jobs_total{queue="a\\"b,c}"} 3.0
# HELP lag Seconds.
# TYPE lag gauge
lag 1.5
# HELP http_request_duration_seconds Time.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{service="ai-service",le="1.0"} 1.0
http_request_duration_seconds_bucket{service="ai-service",le="+Inf"} 1.0
http_request_duration_seconds_count{service="ai-service"} 1.0
http_request_duration_seconds_sum{service="ai-service"} 0.5
"""


def test_metrics_of_replicas_keep_their_labels_and_are_grouped_by_family() -> None:
    pages = MergedPages()
    for number in (1, 2):
        replica = Replica("ai-service", f"10.0.0.{number}", 5002)
        pages.add(replica, blocks_of(PAGE), instance=replica.instance)
    pages.down(Replica("routing-service", "10.0.0.9", 5003))
    text = pages.render().decode()
    assert text.count("# TYPE jobs_total counter") == 1
    found = {sample.name: sample for family in text_string_to_metric_families(text) for sample in family.samples
             if sample.labels.get("instance") == "10.0.0.2:5002"}  # fmt: skip
    assert found["jobs_total"].labels == {"queue": 'a"b,c}', "service": "ai-service", "instance": "10.0.0.2:5002"}
    assert found["lag"].value == 1.5
    assert found["http_request_duration_seconds_count"].labels["service"] == "ai-service"
    assert 'up{instance="10.0.0.9:5003",service="routing-service"} 0.0' in text
    assert 'up{instance="10.0.0.1:5002",service="ai-service"} 1.0' in text


@pytest.mark.parametrize("page", ["<html>", "nothing here", "orphan 1.0", "# TYPE lag gauge\nlag", "# TYPE lag\nlag 1"])
def test_a_page_that_holds_no_metrics_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match=r"not a page of metrics|unpack"):
        blocks_of(page)


def test_coming_from_is_made_of_the_aliases() -> None:
    page = coming_from.page()
    for alias in ALIASES:
        assert f"`{alias.method} {alias.pattern}`" in page


def with_ids(pattern: str) -> str:
    return re.sub(r"\{[a-z_]+\}", "7", pattern.replace("{company_id}", "1"))


SENT = {"/ticket/create": {"title": "Ünal", "description": "y", "client": 7, "company": 1}}
RECEIVED = {"/ticket/create": {"subject": "Ünal", "body": "y", "customer_id": "7"}}


@pytest.mark.parametrize("alias", ALIASES, ids=lambda alias: f"{alias.method} {alias.pattern}")
def test_an_alias_answers_as_its_target_does(gateway: Make, upstream: Any, alias: Any) -> None:
    service = upstream()
    client = gateway(
        ticket=service, routing=service, ai=service, analytics=service, auth=service, rag=service, workflow=service
    )  # fmt: skip
    path = with_ids(alias.pattern)
    body = None if alias.method in {"GET", "DELETE"} or alias.body else SENT.get(alias.pattern, {"a": 1})
    answer = client.open(path + "/", method=alias.method, json=body)
    assert answer.status_code == 200, answer.text
    if not alias.to_pattern.startswith(("/api/", "/tickets")) or alias.to_pattern == audit.ADDRESS:
        return  # answered by the gateway itself
    seen = service.seen[-1]
    target, _, query = seen.target.partition("?")
    assert seen.method == alias.to_method
    assert target == with_ids(alias.to_pattern)
    assert query == "&".join(f"{ours}=7" for ours in alias.parameters.values())
    if alias.body:
        assert seen.body == alias.body
        assert seen.header("Content-Type") == "application/json"
    elif body:
        assert orjson.loads(seen.body) == RECEIVED.get(alias.pattern, {"a": 1})


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("GET", "/ticket/company-Tickets/2", None, 404, None),
        ("GET", "/team/team/01", None, 404, None),
        ("GET", "/analysis/analysis/2/", None, 404, None),
        ("POST", "/ticket/create", {"title": "x", "description": "y", "client": 1, "company": 2}, 404, None),
        ("POST", "/team/create", {"category": "x", "company": "1 "}, 404, None),
        ("GET", "/ticket/List?page=2", None, 400, "page"),
        ("GET", "/company/List?page=x", None, 400, "page"),
        ("POST", "/ticket/Ticket-To-Done/7", {"grund": "erledigt"}, 400, "grund"),
        ("POST", "/ticket/Ticket-To-Done/7", [1], 400, "body"),
    ],
)
def test_what_an_alias_can_not_translate_reaches_no_service(
    gateway: Make, upstream: Any, method: str, path: str, body: Any, status: int, field: str | None
) -> None:
    service = upstream()
    client = gateway(ticket=service, auth=service, analytics=service)
    answer = client.open(path, method=method, json=body)
    assert answer.status_code == status, answer.text
    assert service.seen == []
    if field:
        assert [error["field"] for error in answer.json["errors"]] == [field]


def test_a_body_that_is_no_object_is_left_for_the_service_to_refuse(gateway: Make, upstream: Any) -> None:
    service = upstream()
    gateway(ticket=service).post("/ticket/create", data=b"{", content_type="application/json")
    assert service.seen[-1].body == b"{"


def test_the_query_of_a_list_by_a_parameter_goes_along(gateway: Make, upstream: Any) -> None:
    service = upstream()
    gateway(ticket=service).get("/ticket/client-Tickets/a%26b?page=1&page_size=5&status=pending")
    assert service.seen[-1].target == "/api/tickets?customer_id=a%26b&limit=5&status=pending"
