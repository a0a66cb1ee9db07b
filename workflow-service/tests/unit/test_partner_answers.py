"""Answers of AMS and BMS: an approval is never inferred, and nothing that comes from outside raises."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workflow_service.domain.external import APPROVED, FAILED, REFUSED, UNKNOWN, WAITING, Verdict
from workflow_service.domain.partner_answers import MAX_KEPT_BYTES, kept, parse, read_asset_answer, read_budget_answer

RESERVED = {
    "reservation_id": "R-1", "status": "reserved", "asset_id": "A1", "valid_until": "2027-02-28T00:00:00Z",
    "asset_details": {"name": "Laptop", "model": "X1", "serial": "S-1"},
}  # fmt: skip
GRANTED = {
    "approved": True, "budget_line_id": "B-7", "remaining_balance": "8800.00", "approval_id": "P-1",
    "approved_by": "Controlling", "approved_at": "2026-11-30T10:00:00Z",
}  # fmt: skip


def asset(status: int, body: Any, retry_after: float | None = None) -> Verdict:
    return read_asset_answer(status, body if isinstance(body, bytes | None) else json.dumps(body).encode(), "A1",
                             retry_after)  # fmt: skip


def budget(status: int, body: Any) -> Verdict:
    return read_budget_answer(status, body if isinstance(body, bytes | None) else json.dumps(body).encode())


def test_a_reservation_and_an_approval_are_approvals_with_the_whole_answer() -> None:
    assert asset(200, RESERVED | {"colour": "grey"}) == Verdict(
        APPROVED, "AMS answered 'reserved'", RESERVED | {"colour": "grey"}
    )
    assert budget(200, GRANTED) == Verdict(APPROVED, "BMS approved", GRANTED)


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({}, UNKNOWN),
        ([RESERVED], UNKNOWN),
        (RESERVED | {"status": "ok"}, UNKNOWN),
        (RESERVED | {"status": True}, UNKNOWN),
        (RESERVED | {"status": None}, UNKNOWN),
        (RESERVED | {"reservation_id": ""}, UNKNOWN),
        (RESERVED | {"reservation_id": 7}, UNKNOWN),
        (RESERVED | {"asset_id": "A2"}, UNKNOWN),
        (RESERVED | {"status": "pending"}, UNKNOWN),
        (RESERVED | {"status": "Confirmed"}, APPROVED),
        (RESERVED | {"status": "rejected"}, REFUSED),
        (None, UNKNOWN),
        (b"", UNKNOWN),
        (b"<html>Welcome</html>", UNKNOWN),
        (b'{"reservation_id": "R-1", "status": "res', UNKNOWN),
        (b"\xff\xfe", UNKNOWN),
        (b"[" * 60_000, UNKNOWN),
        (b'{"a": NaN, "status": "reserved", "reservation_id": "R"}', UNKNOWN),
    ],
)
def test_a_success_that_is_no_reservation_is_none(body: Any, state: str) -> None:
    assert asset(200, body).state == state


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (GRANTED | {"approved": "true"}, UNKNOWN),
        (GRANTED | {"approved": 1}, UNKNOWN),
        ({name: value for name, value in GRANTED.items() if name != "approved"}, UNKNOWN),
        (GRANTED | {"approval_id": None}, UNKNOWN),
        ({"approved": False}, REFUSED),
        ({"approved": False, "reason": "over the limit", "rejection_code": "B02"}, REFUSED),
        ({"approved": False, "reason": ["x"]}, UNKNOWN),
    ],
)
def test_a_success_that_is_no_approval_is_none(body: Any, state: str) -> None:
    assert budget(200, body).state == state


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (400, {"error": "The asset is in use.", "available_alternatives": ["A2"]}, REFUSED),
        (409, {"error": "taken"}, REFUSED),
        (400, b"<html>Bad request</html>", FAILED),
        (400, {}, FAILED),
        (401, {"error": "bad key"}, FAILED),
        (404, b"", FAILED),
        (302, b"", FAILED),
        (204, b"", UNKNOWN),
        (429, {}, WAITING),
        (503, {}, WAITING),
        (500, RESERVED, UNKNOWN),
        (502, b"", UNKNOWN),
        (504, b"", UNKNOWN),
    ],
)
def test_a_status_is_a_refusal_a_fault_of_the_request_or_to_be_tried_again(status: int, body: Any, state: str) -> None:
    assert asset(status, body).state == state


def test_a_refusal_has_its_reason_and_alternatives() -> None:
    body = {"error": "The asset is in use.", "available_alternatives": ["A2", "A3"]}
    assert asset(400, body) == Verdict(REFUSED, "The asset is in use.", body)
    refused = {"approved": False, "reason": "over the limit", "available_amount": "100.10"}
    assert budget(200, refused) == Verdict(REFUSED, "over the limit", refused)


def test_the_pause_that_a_partner_asks_for_is_kept() -> None:
    assert asset(503, b"", retry_after=20.0).retry_after == 20.0


def test_amounts_stay_decimal_texts() -> None:
    found = parse(b'{"remaining_balance": 0.1, "big": 123456789012345678901234567890, "e": 1e400, "n": 7}')
    assert found == {"remaining_balance": "0.1", "big": "123456789012345678901234567890", "e": "1e400", "n": 7}


@pytest.mark.parametrize(
    "unknown",
    [
        "x" * MAX_KEPT_BYTES,
        "a\0b",
        "\ud800",
        ["\0"],
        {"\0": 1},
        [[[[[[[[[[[[["deep"]]]]]]]]]]]]],
    ],
    ids=repr,
)
def test_of_an_answer_that_cannot_be_stored_whole_the_known_texts_are(unknown: Any) -> None:
    found = kept(RESERVED | {"unknown": unknown, "status": "reserved\0"})
    assert found == {
        "reservation_id": "R-1", "status": "reserved", "asset_id": "A1", "valid_until": "2027-02-28T00:00:00Z",
        "shortened": True,
    }  # fmt: skip
    assert asset(200, RESERVED | {"unknown": unknown}).state == APPROVED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from([*RESERVED, *GRANTED, "error", "reason", "x"])
STATUSES = st.sampled_from([200, 201, 204, 302, 400, 401, 409, 422, 429, 500, 503])


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from texts(list(pair))
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


@given(STATUSES, st.dictionaries(NAMES, JSON, max_size=5))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_answer_raises_and_an_approval_has_its_number(status: int, body: dict[str, Any]) -> None:
    raw = json.dumps(body).encode()
    for verdict, number in ((asset(status, raw), "reservation_id"), (budget(status, raw), "approval_id")):
        if verdict.state == APPROVED:
            assert status in (200, 201)
            assert isinstance(body[number], str)
            assert body[number].strip()
        for text in texts(verdict.answer):
            assert "\0" not in text
            text.encode()


@given(st.binary(max_size=200), st.integers(100, 599))
def test_no_bytes_raise_or_approve(raw: bytes, status: int) -> None:
    assert asset(status, raw).state != APPROVED
    assert budget(status, raw).state != APPROVED
