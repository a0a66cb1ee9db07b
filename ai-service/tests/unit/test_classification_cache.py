"""The in-process cache of classifications, limited per company."""

from ai_service.domain.classification import Classification
from ai_service.usecases.classification_cache import MAX_COMPANIES, ClassificationCache

HR = Classification("HR", 90, "", "claude")


def test_the_least_recently_used_entry_is_evicted_first() -> None:
    cache = ClassificationCache(per_company=2, seconds=60)
    cache.put(1, "a", HR)
    cache.put(1, "b", HR)
    assert cache.get(1, "a") is HR
    cache.put(1, "c", HR)
    assert cache.get(1, "b") is None
    assert cache.get(1, "a") is HR


def test_a_busy_company_does_not_crowd_out_another() -> None:
    cache = ClassificationCache(per_company=2, seconds=60)
    cache.put(1, "a", HR)
    for key in range(100):
        cache.put(2, key, HR)
    assert cache.get(1, "a") is HR


def test_the_number_of_companies_is_bounded_too() -> None:
    cache = ClassificationCache(per_company=2, seconds=60)
    for company in range(1, MAX_COMPANIES + 2):
        cache.put(company, "a", HR)
    assert cache.get(1, "a") is None
    assert cache.get(2, "a") is HR


def test_an_answer_expires() -> None:
    now = [0.0]
    cache = ClassificationCache(per_company=2, seconds=60, clock=lambda: now[0])
    cache.put(1, "a", HR)
    now[0] = 59.0
    assert cache.get(1, "a") is HR
    now[0] = 60.0
    assert cache.get(1, "a") is None


def test_a_disabled_cache_keeps_nothing() -> None:
    cache = ClassificationCache(per_company=0, seconds=60)
    cache.put(1, "a", HR)
    assert cache.get(1, "a") is None
