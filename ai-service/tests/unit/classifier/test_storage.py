"""A head survives storage, and nothing else is taken for one."""

import io
import json
import pickle

import numpy as np
import pytest
from ai_service.adapters.local.classifier.head import Head
from ai_service.adapters.local.classifier.storage import BadHead, pack, unpack
from ai_service.adapters.local.classifier.training import train
from hypothesis import given
from hypothesis import strategies as st

from .word_encoder import LABELS, WordEncoder, tickets

ENCODER = WordEncoder()
HEAD = train(tickets(60), LABELS, ENCODER)
PACKED = pack(HEAD)


def test_it_judges_as_before() -> None:
    back = unpack(PACKED)
    texts = [each.text for each in tickets(30, seed=9)]
    rows = ENCODER.embed(texts)
    before, after = HEAD.classify(texts, rows), back.classify(texts, rows)
    assert isinstance(back, Head)
    assert [each.label for each in before] == [each.label for each in after]
    assert [bool(each.abstention_reason) for each in before] == [bool(each.abstention_reason) for each in after]
    assert np.allclose([each.confidence for each in before], [each.confidence for each in after], atol=0.01)
    assert (back.version, back.encoder, back.examples) == (HEAD.version, HEAD.encoder, HEAD.examples)


@given(st.integers(0, len(PACKED) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    damaged = bytearray(PACKED)
    damaged[place] ^= change
    with pytest.raises(BadHead):
        unpack(bytes(damaged))


@given(st.binary(max_size=300))
def test_any_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BadHead):
        unpack(data)


def _signed(body: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(body).digest() + body


def test_a_pickle_is_never_loaded() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, told=np.array([{"a": 1}], dtype=object))
    for body in (buffer.getvalue(), pickle.dumps({"a": 1})):
        with pytest.raises(BadHead):
            unpack(_signed(body))


def test_stored_fields_keep_their_names_so_that_earlier_heads_stay_readable() -> None:
    with np.load(io.BytesIO(PACKED[32:]), allow_pickle=False) as arrays:
        assert {"told", "words", "meaning", "memory", "memory_places", "mixture", "word_rarity"} <= set(arrays)
        stored = json.loads(arrays["told"].tobytes())
    assert {"told", "pieces", "span", "threshold", "duplicates", "scope", "memory_subjects"} <= set(stored)
    assert set(stored["scope"]) == {"energy", "nearness", "lowest"}
    assert set(stored["threshold"]) == {"value", "bound", "covered"}
