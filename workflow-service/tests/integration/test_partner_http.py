"""One call of a partner, with everything that a partner may do instead of answering."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from service_kit.circuit_breaker import CircuitBreaker
from workflow_service.adapters.ams import Ams
from workflow_service.adapters.bms import Bms
from workflow_service.adapters.partner_http import PartnerHttp
from workflow_service.domain.external import APPROVED, ASSET, BUDGET, FAILED, REFUSED, UNKNOWN, WAITING
from workflow_service.ports import PartnerClosed, Question

from ..partners import GRANTED, RESERVED, FakePartner, fake_partner
from ..unit.test_external import ASKED

ASSET_QUESTION = Question(
    replace(ASKED, kind=ASSET, request={"asset_id": "A1", "duration_days": 90, "notes": "für Ann"}), "IT Support"
)
BUDGET_QUESTION = Question(
    replace(
        ASKED, kind=BUDGET,
        request={"amount": "1200.00", "currency": "EUR", "category": "Hardware", "justification": "Laptop"},
    ),
    "IT Support",
)  # fmt: skip


@pytest.fixture
def partner() -> Iterator[FakePartner]:
    """A partner that approves."""
    with fake_partner() as served:
        yield served


def http(url: str, *, seconds: float = 30.0, failures: int = 5) -> PartnerHttp:
    breaker = CircuitBreaker(failures=failures, open_seconds=60, max_open_seconds=60)
    return PartnerHttp("AMS", url, {"X-API-Key": "secret"}, seconds=seconds, breaker=breaker)


def test_ams_gets_what_its_interface_asks_for(partner: FakePartner) -> None:
    verdict = Ams(http(f"{partner.url}/")).ask(ASSET_QUESTION)
    (call,) = partner.calls
    assert call.path == "/api/assets/reserve/"
    assert call.body == {
        "asset_id": "A1", "requester_id": "ann@example.com", "task_id": 7, "duration_days": 90, "notes": "für Ann",
    }  # fmt: skip
    assert (call.headers["X-API-Key"], call.headers["Idempotency-Key"]) == ("secret", "7:3")
    assert (verdict.state, verdict.answer) == (APPROVED, RESERVED | {"asset_id": "A1"})


def test_bms_gets_the_amount_as_a_decimal_text(partner: FakePartner) -> None:
    verdict = Bms(http(partner.url)).ask(BUDGET_QUESTION)
    (call,) = partner.calls
    assert (call.path, call.headers["Idempotency-Key"]) == ("/api/budget/check/", "7:3")
    assert call.body == {
        "department": "IT Support", "amount": "1200.00", "currency": "EUR", "category": "Hardware",
        "requester_id": "ann@example.com", "justification": "Laptop",
    }  # fmt: skip
    assert (verdict.state, verdict.answer) == (APPROVED, GRANTED)


@pytest.mark.parametrize(
    ("mode", "state", "is_failure"),
    [
        ("refuse", REFUSED, False),
        ("400", FAILED, False),
        ("401", FAILED, False),
        ("404", FAILED, False),
        ("redirect", FAILED, False),
        ("429", WAITING, True),
        ("500", UNKNOWN, True),
        ("502", UNKNOWN, True),
        ("503", WAITING, True),
        ("504", UNKNOWN, True),
        ("hang", UNKNOWN, True),
        ("drip", UNKNOWN, True),
        ("reset", UNKNOWN, True),
        ("half", UNKNOWN, True),
        ("html", UNKNOWN, False),
        ("large", UNKNOWN, False),
    ],
)
def test_each_fault_has_its_verdict_and_is_sent_once(
    partner: FakePartner, mode: str, state: str, is_failure: bool
) -> None:
    partner.mode = mode
    client = Ams(http(partner.url, seconds=1.0 if mode in ("hang", "drip") else 30.0, failures=1))
    assert client.ask(ASSET_QUESTION).state == state
    assert len(partner.calls) == 1
    assert client.is_called != is_failure


def test_a_slow_answer_ends_at_the_deadline_however_it_comes(partner: FakePartner) -> None:
    for partner.mode in ("hang", "drip"):
        began = time.monotonic()
        assert Ams(http(partner.url, seconds=0.5)).ask(ASSET_QUESTION).reason == "no answer in time"
        assert time.monotonic() - began < 20


def test_a_partner_that_cannot_be_reached_has_not_got_the_request() -> None:
    with fake_partner() as gone:
        url = gone.url
    client = Ams(http(url, failures=2))
    assert client.ask(ASSET_QUESTION).state == WAITING
    assert client.is_called
    assert client.ask(ASSET_QUESTION).state == WAITING
    assert not client.is_called


def test_five_failures_open_the_breaker_and_no_call_is_made_then(partner: FakePartner) -> None:
    partner.mode = "503"
    client = Ams(http(partner.url))
    for _ in range(5):
        assert client.is_called
        client.ask(ASSET_QUESTION)
    with pytest.raises(PartnerClosed) as closed:
        client.ask(ASSET_QUESTION)
    assert len(partner.calls) == 5
    assert 55 < closed.value.retry_after <= 60


@pytest.mark.parametrize("url", ["", "ams.example", "ftp://ams.example", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not an http"):
        http(url)
