"""Percentages that add up."""

from collections.abc import Mapping

HUNDREDTHS = 100 * 100


def percentages(counts: Mapping[str, int]) -> dict[str, float]:
    """Return each count's share in percent with two decimals; as decimal numbers the shares add up to exactly 100.

    The hundredths that rounding down leaves over go to the largest remainders (Hamilton's method); ties go to the first
    name. All shares are 0 where the total is 0.
    """
    total = sum(counts.values())
    if total == 0:
        return dict.fromkeys(counts, 0.0)
    shares = {name: count * HUNDREDTHS // total for name, count in counts.items()}
    left_over = HUNDREDTHS - sum(shares.values())
    by_remainder = sorted(counts, key=lambda name: -(counts[name] * HUNDREDTHS % total))
    for name in by_remainder[:left_over]:
        shares[name] += 1
    return {name: share / 100 for name, share in shares.items()}
