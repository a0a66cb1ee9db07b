"""Transient failures are retried, after the pause that the server requests."""

import pytest
from model_kit.claude.transient_errors import from_status, retry_after


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_a_transient_failure_is_retried(status: int) -> None:
    assert from_status(status, None, {}).is_transient


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_a_failure_that_our_request_caused_is_not_retried(status: int) -> None:
    assert not from_status(status, "invalid_request_error", {}).is_transient


@pytest.mark.parametrize("error", ["overloaded_error", "api_error", "rate_limit_error"])
def test_the_error_named_in_the_body_decides_even_with_status_200(error: str) -> None:
    assert from_status(200, error, {}).is_transient
    assert from_status(200, error, {}).kind == error


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3),
        ({"retry-after": "0"}, 0),
        ({"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        ({"retry-after": "Sat, 21 Nov 2026 00:00:10 GMT"}, 10),
        ({"retry-after": "Fri, 20 Nov 2026 00:00:10 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_retry_after_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=1795219200.0) == seconds
