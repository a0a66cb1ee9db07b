"""Texts of like length are run together, each once, and never so many tokens that their memory stays for ever."""

from hypothesis import given
from hypothesis import strategies as st
from model_kit.encoder import MAX_BATCH_TEXTS, MAX_BATCH_TOKENS, _batches


@given(st.lists(st.integers(1, 256), max_size=200))
def test_every_text_is_in_one_batch_and_no_batch_is_too_large(lengths: list[int]) -> None:
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    batches = list(_batches(order, lengths))
    assert [place for batch in batches for place in batch] == order
    for batch in batches:
        assert 1 <= len(batch) <= MAX_BATCH_TEXTS
        assert len(batch) == 1 or len(batch) * max(lengths[place] for place in batch) <= MAX_BATCH_TOKENS
