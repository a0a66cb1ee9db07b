"""Percentages add up to exactly one hundred."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from service_kit.percentages import percentages

counts = st.dictionaries(st.text(max_size=5), st.integers(0, 10**9), min_size=1)


@given(counts)
def test_shares_add_up_to_one_hundred_or_are_all_nothing(numbers: dict[str, int]) -> None:
    shares = percentages(numbers)
    assert list(shares) == list(numbers)
    assert sum(Decimal(str(share)) for share in shares.values()) == (100 if any(numbers.values()) else 0)


@given(counts)
def test_every_share_is_right_to_a_hundredth(numbers: dict[str, int]) -> None:
    total = sum(numbers.values())
    for name, share in percentages(numbers).items():
        assert total == 0 or abs(Decimal(str(share)) - Decimal(numbers[name] * 100) / total) < Decimal("0.0100001")


def test_hundredths_left_over_go_to_the_largest_remainders() -> None:
    assert percentages({"a": 1, "b": 1, "c": 1}) == {"a": 33.34, "b": 33.33, "c": 33.33}
    assert percentages({"a": 2, "b": 1}) == {"a": 66.67, "b": 33.33}
