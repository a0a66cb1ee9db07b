"""The cost of calls."""

from decimal import Decimal

import pytest
from model_kit.claude import billing
from model_kit.claude.prices import Price, Prices
from model_kit.claude.usage import Tokens

HAIKU = "claude-haiku-5-5"


def test_a_listed_model_costs_what_is_listed_dated_or_not() -> None:
    million = Tokens(input=100_000, output=1_000_000)
    for name in (HAIKU, f"{HAIKU}-20261007"):
        assert Prices().of(name, million) == Decimal(10_000 + 500_000)


def test_a_prompt_beyond_a_hundred_thousand_tokens_costs_more_cached_ones_counted() -> None:
    assert Prices().of(HAIKU, Tokens(input=100_001, output=10)) == Decimal("50025.5")
    assert Prices().of(HAIKU, Tokens(input=1, cache_read=100_000)) == Decimal("5000.5")


def test_cached_tokens_have_prices_of_their_own() -> None:
    assert Prices().of(HAIKU, Tokens(cache_read=1_000, cache_write=1_000)) == Decimal("10") + Decimal("125")


def test_an_unlisted_model_has_no_price_until_one_is_given() -> None:
    assert Prices().of("other", Tokens(input=5)) is None
    assert Prices(Price(Decimal(3), Decimal(15))).of("other", Tokens(input=5, output=1)) == Decimal(30)


@pytest.mark.parametrize("stated", [-1, 1.5, "200", True, None, 10**30, [1], {}])
def test_an_invalid_number_of_tokens_counts_as_zero(stated: object) -> None:
    used = billing.usage_of({"usage": {"input_tokens": stated, "output_tokens": 7}}, HAIKU, "a\x00b", Prices())
    assert used is not None
    assert (used.tokens, used.request_id, used.model) == (Tokens(output=7), None, HAIKU)


@pytest.mark.parametrize("body", [None, [], {}, {"usage": None}, {"usage": 5}])
def test_an_answer_without_usage_has_no_known_cost(body: object) -> None:
    assert billing.usage_of(body, HAIKU, None, Prices()) is None
