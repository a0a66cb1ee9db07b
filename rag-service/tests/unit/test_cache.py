"""Cached facts about a company are never older than the question they are used for."""

from contextlib import nullcontext
from typing import Any

import pytest
from rag_service.adapters import cache
from rag_service.adapters.cache import CACHE_SECONDS, KnowledgeCache
from rag_service.store.approved import ApprovedAnswer


class Rows:
    """A database with one company, and how often it was looked into."""

    def __init__(self) -> None:
        self.ready = False
        self.answers: list[ApprovedAnswer] = []
        self.looks = self.reads = 0
        self.now = 100.0

    def session(self, _company: int) -> Any:
        return nullcontext()

    def has_passages(self, *_: Any) -> bool:
        self.looks += 1
        return self.ready

    def all_of(self, *_: Any) -> list[ApprovedAnswer]:
        self.reads += 1
        return list(self.answers)

    def state(self, *_: Any) -> tuple[int, int]:
        return len(self.answers), max((each.id for each in self.answers), default=0)


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Rows:
    rows = Rows()
    monkeypatch.setattr(cache.documents, "has_passages", rows.has_passages)
    monkeypatch.setattr(cache.approved, "count", lambda *_: 0)
    monkeypatch.setattr(cache.approved, "all_of", rows.all_of)
    monkeypatch.setattr(cache.approved, "state", rows.state)
    return rows


@pytest.fixture
def subject(rows: Rows) -> KnowledgeCache:
    return KnowledgeCache(rows, clock=lambda: rows.now)  # type: ignore[arg-type]


def test_an_empty_lookup_is_reused_only_for_earlier_tickets(rows: Rows, subject: KnowledgeCache) -> None:
    assert not subject.has_knowledge(1, since=99.0)
    assert not subject.has_knowledge(1, since=99.9)
    assert rows.looks == 1, "the rest of a batch needs no look of its own"
    rows.ready = True
    rows.now = 100.001
    assert subject.has_knowledge(1, since=100.0005)


def test_knowledge_that_was_found_is_remembered_for_a_moment(rows: Rows, subject: KnowledgeCache) -> None:
    rows.ready = True
    assert subject.has_knowledge(1, since=100.0)
    rows.ready = False
    rows.now += CACHE_SECONDS / 2
    assert subject.has_knowledge(1, since=rows.now)
    rows.now += CACHE_SECONDS
    assert not subject.has_knowledge(1, since=rows.now)


def test_an_approved_answer_serves_at_once_and_not_a_moment_longer_than_it_is_there(
    rows: Rows, subject: KnowledgeCache
) -> None:
    def questions() -> list[str]:
        return [each.question for each in subject.approved(1, "VPN?", None, None)]

    assert questions() == []
    rows.answers = [ApprovedAnswer(5, "VPN?", ("Restart.",), "person:1", None)]  # type: ignore[arg-type]
    assert questions() == ["VPN?"]
    assert questions() == ["VPN?"]
    assert rows.reads == 2, "it is read again only where something changed"
    rows.answers = [ApprovedAnswer(6, "Printer?", ("Wait.",), "person:1", None)]  # type: ignore[arg-type]
    assert questions() == ["Printer?"]
    rows.answers = []
    assert questions() == []
