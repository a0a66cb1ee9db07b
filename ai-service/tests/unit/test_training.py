"""When tickets read ask for a training."""

import pytest
from ai_service.domain.training import is_due
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("analyses", "added", "threshold", "expected"),
    [
        (99, 1, 100, False),
        (100, 1, 100, True),
        (101, 1, 100, False),  # looked a moment ago
        (110, 1, 100, True),
        (130, 50, 100, True),
        (3, 1, 3, True),
        (4, 1, 3, True),
        (25, 1, 25, True),
        (1, 1, 1, True),
    ],
)
def test_from_the_threshold_on_it_is_looked_once_in_a_tenth(
    analyses: int, added: int, threshold: int, expected: bool
) -> None:
    assert is_due(analyses, added, threshold) is expected


@given(threshold=st.integers(1, 1_000), batches=st.lists(st.integers(1, 60), min_size=1, max_size=50))
def test_however_batches_come_it_is_looked_within_a_tenth_after_the_threshold(
    threshold: int, batches: list[int]
) -> None:
    analyses, unseen = 0, 0
    for added in batches:
        analyses += added
        unseen = 0 if is_due(analyses, added, threshold) else unseen + added
        if analyses >= threshold + max(threshold // 10, 1):
            assert unseen < max(threshold // 10, 1) + added
