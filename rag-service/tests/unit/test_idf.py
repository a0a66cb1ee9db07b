"""IDF values are cached for a while, and not longer than their passages exist."""

from rag_service.adapters.vectors.idf import CACHE_SECONDS, MAX_TERMS, IdfCache


def test_a_word_is_known_for_a_while_and_until_passages_change() -> None:
    now = [0.0]
    idf_cache = IdfCache(clock=lambda: now[0])
    idf_cache.put({1: 2.5, 2: 0.5})
    assert idf_cache.get([1, 3]) == {1: 2.5}
    now[0] = CACHE_SECONDS - 1
    assert idf_cache.get([1, 2]) == {1: 2.5, 2: 0.5}
    now[0] = CACHE_SECONDS + 1
    assert idf_cache.get([1, 2]) == {}
    idf_cache.put({1: 2.0})
    idf_cache.clear()
    assert idf_cache.get([1]) == {}


def test_it_never_grows_beyond_its_bound() -> None:
    idf_cache = IdfCache()
    for word in range(MAX_TERMS * 2):
        idf_cache.put({word: 1.0})
    assert len(idf_cache.get(range(MAX_TERMS * 2))) <= MAX_TERMS
