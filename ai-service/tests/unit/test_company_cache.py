"""A ticket is read with its company's data at its arrival."""

from typing import Any

import pytest
from ai_service.adapters import company_cache
from ai_service.adapters.company_cache import CompanyCache


class Companies:
    """A database whose companies change, and a clock."""

    def __init__(self) -> None:
        self.state = "before"
        self.looks = 0
        self.now = 50.0

    def execute_and_commit(self, *_: Any) -> list[str]:
        self.looks += 1
        return [self.state]


@pytest.fixture
def companies(monkeypatch: pytest.MonkeyPatch) -> Companies:
    made = Companies()
    monkeypatch.setattr(company_cache.store, "company_of", str)
    return made


@pytest.fixture
def subject(companies: Companies) -> CompanyCache:
    return CompanyCache(companies, seconds=2.0, clock=lambda: companies.now)  # type: ignore[arg-type]


def test_a_ticket_is_never_categorized_with_data_from_before_its_arrival(
    companies: Companies, subject: CompanyCache
) -> None:
    assert subject.get(1, since=49.9) == "before"
    companies.state = "after"
    assert subject.get(1, since=50.0) == "before", "it had arrived before the look"
    companies.now = 50.002
    assert subject.get(1, since=50.001) == "after"
    assert companies.looks == 2


def test_one_read_serves_a_batch_and_requests_within_seconds(companies: Companies, subject: CompanyCache) -> None:
    for _ in range(200):
        subject.get(1, since=49.9)
        subject.get(1)
    assert companies.looks == 1
    companies.now = 52.5
    subject.get(1, since=49.9)
    assert companies.looks == 2
