"""What is remembered of words is used for a while, and no longer than their passages stay."""

from rag_service.adapters.vectors.rarity import FRESH_SECONDS, WORDS, Rarities


def test_a_word_is_known_for_a_while_and_until_passages_change() -> None:
    now = [0.0]
    rarities = Rarities(clock=lambda: now[0])
    rarities.learn({1: 2.5, 2: 0.5})
    assert rarities.of([1, 3]) == {1: 2.5}
    now[0] = FRESH_SECONDS - 1
    assert rarities.of([1, 2]) == {1: 2.5, 2: 0.5}
    now[0] = FRESH_SECONDS + 1
    assert rarities.of([1, 2]) == {}
    rarities.learn({1: 2.0})
    rarities.forget()
    assert rarities.of([1]) == {}


def test_it_never_grows_beyond_its_bound() -> None:
    rarities = Rarities()
    for word in range(WORDS * 2):
        rarities.learn({word: 1.0})
    assert len(rarities.of(range(WORDS * 2))) <= WORDS
