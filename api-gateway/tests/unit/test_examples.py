"""The calls that /docs prints are calls: a shell takes them, and they send what the operation asks for."""

import json
import shlex
from typing import Any

import pytest
from api_gateway.endpoints.examples import curl

TEXT = {"type": "string", "minLength": 1}


def words(path: str, method: str, operation: dict[str, Any], document: dict[str, Any] | None = None) -> list[str]:
    return shlex.split(curl(path, method, operation, document or {}).replace("\\\n", " "))


def upload(*required: str, **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": list(required), "properties": properties}
    return {"requestBody": {"content": {"multipart/form-data": {"schema": schema}}}}


def test_an_upload_is_a_form_with_a_file_and_no_content_type_of_our_own() -> None:
    operation = upload("file", file={"type": "string", "format": "binary"}, kind={"type": "string", "enum": ["pdf"]})
    assert words("/api/files", "post", operation) == [
        "curl", "-X", "POST", "http://localhost:5000/api/files", "-F", "file=@manual.pdf",
    ]  # fmt: skip


def test_every_required_part_of_a_form_is_sent() -> None:
    operation = upload("file", "kind", file={"type": "string", "format": "binary"}, kind={"enum": ["pdf", "word"]})
    assert words("/x", "post", operation)[-4:] == ["-F", "file=@manual.pdf", "-F", "kind=pdf"]


def test_a_form_is_shown_where_a_raw_body_is_accepted_too_and_a_raw_body_where_it_is_all() -> None:
    both = upload("file", file={"type": "string", "format": "binary", "description": "CSV, UTF-8"})
    both["requestBody"]["content"]["text/csv"] = {"schema": {"type": "string"}}
    assert "file=@tickets.csv" in words("/x", "post", both)
    raw = {"requestBody": {"content": {"text/csv": {"schema": {"type": "string"}}}}}
    assert words("/x", "post", raw)[-4:] == ["-H", "Content-Type: text/csv", "--data-binary", "@file.csv"]


def test_json_with_an_apostrophe_stays_one_word_of_the_shell() -> None:
    schema = {"properties": {"title": {"type": "string", "example": "Ann's printer `rm` $HOME"}}}
    found = words("/x", "post", {"requestBody": {"content": {"application/json": {"schema": schema}}}})
    assert found[4:6] == ["-H", "Content-Type: application/json"]
    assert json.loads(found[7]) == {"title": "Ann's printer `rm` $HOME"}


@pytest.mark.parametrize(
    ("path", "name", "schema", "expected"),
    [
        ("/api/tickets/{ticket_id}", "ticket_id", {"type": "integer"}, "/api/tickets/1"),
        ("/api/departments/{name}", "name", TEXT, "/api/departments/IT%20Support"),
        ("/api/files/{file_id}", "file_id", {"type": "string", "format": "uuid"}, "/api/files/7d1c2a52-"),
        ("/m/{email}", "email", TEXT, "/m/ann%40company.example"),
    ],
)
def test_parameters_of_the_path_are_filled_in(path: str, name: str, schema: dict[str, Any], expected: str) -> None:
    operation = {"parameters": [{"in": "path", "name": name, "required": True, "schema": schema}]}
    assert words(path, "get", operation)[1].startswith("http://localhost:5000" + expected)
    assert words(path, "get", {})[1].count("{") == 0


def test_what_a_query_needs_is_in_it_and_headers_that_are_required_are_sent() -> None:
    parameters = [
        {"in": "query", "name": "text", "required": True, "schema": {"type": "string", "example": "two words & more"}},
        {"in": "query", "name": "limit", "schema": {"type": "integer"}},
        {"in": "header", "name": "If-Match", "required": True, "schema": {"type": "string", "example": '"3"'}},
    ]
    assert words("/x", "get", {"parameters": parameters}) == [
        "curl", "http://localhost:5000/x?text=two+words+%26+more", "-H", 'If-Match: "3"',
    ]  # fmt: skip


def answering(media: str) -> dict[str, Any]:
    return {"responses": {"200": {"content": {media: {}}}}}


def test_a_stream_is_shown_as_it_comes_and_a_file_goes_into_a_file() -> None:
    assert words("/rag/chat", "post", answering("text/event-stream"))[3] == "-N"
    assert words("/x/reliability.png", "get", answering("image/png"))[-2:] == ["-o", "reliability.png"]
    for printed in ("application/json", "text/plain", "application/problem+json"):
        assert "-o" not in words("/x", "get", answering(printed))
