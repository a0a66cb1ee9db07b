"""Encoded bodies are refused by the gateway, whatever the route; the coding is named."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client

Make = Callable[..., Client]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/tickets"),
        ("PATCH", "/api/tickets/1"),
        ("PUT", "/ticket/update/1"),
        ("POST", "/api/files"),
        ("POST", "/api/evaluation"),
        ("POST", "/api/training"),
        ("POST", "/ticket/Ticket-To-Done/1"),
        ("POST", "/rag/chat"),
        ("DELETE", "/api/tickets/1"),
    ],
)
def test_an_encoded_body_is_a_415_that_names_the_coding(gateway: Make, upstream: Any, method: str, path: str) -> None:
    service = upstream()
    client = gateway(ticket=service, ai=service, rag=service)
    body = gzip.compress(b'{"title": "Drucker"}')
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = client.open(path, method=method, data=body, headers=headers)
    assert (answer.status_code, answer.content_type) == (415, "application/problem+json")
    assert "gzip" in answer.json["detail"]
    assert answer.headers["Accept-Encoding"] == "identity"
    assert service.seen == []


def test_a_body_that_comes_as_it_is_may_say_so(gateway: Make, upstream: Any) -> None:
    service = upstream()
    headers = {"Content-Encoding": "identity", "Content-Type": "application/json"}
    answer = gateway(ticket=service).post("/api/tickets", data=b'{"title": "x"}', headers=headers)
    assert answer.json["body"] == '{"title": "x"}'
