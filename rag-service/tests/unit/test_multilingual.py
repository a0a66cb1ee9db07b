"""The encoder for other languages than English: when it is loaded, and what it is given."""

from typing import Any

import numpy as np
import pytest
from rag_service.adapters.multilingual import DIMENSIONS, MAX_CHARACTERS, MultilingualEncoder, multilingual_encoder


class Loads:
    """Counts how often the weights are loaded, and keeps the texts that were embedded."""

    def __init__(self) -> None:
        self.times = 0
        self.texts: list[str] = []

    def __call__(self) -> Any:
        self.times += 1
        return self.encode

    def encode(self, texts: list[str]) -> Any:
        self.texts += texts
        return np.array([np.full(DIMENSIONS, len(each), np.float32) for each in texts])


def test_it_is_loaded_once_when_it_is_first_asked() -> None:
    loads = Loads()
    encoder = MultilingualEncoder(loads)
    assert loads.times == 0
    encoder.embed(["eins"])
    encoder.embed(["zwei"])
    assert loads.times == 1


def test_a_text_is_embedded_once_and_rows_keep_the_order() -> None:
    loads = Loads()
    encoder = MultilingualEncoder(loads)
    rows = encoder.embed(["eins", "drei drei", "eins"])
    assert rows[:, 0].tolist() == [4, 9, 4]
    assert encoder.embed(["drei drei"])[0, 0] == 9
    assert loads.texts == ["eins", "drei drei"]


def test_without_its_package_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert multilingual_encoder() is not None
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert multilingual_encoder() is None


def test_no_texts_are_no_rows() -> None:
    assert MultilingualEncoder(Loads()).embed([]).shape == (0, DIMENSIONS)


def test_a_long_text_and_half_a_character_are_read() -> None:
    loads = Loads()
    MultilingualEncoder(loads).embed(["x" * 5_000, "ein \ud83d Zeichen"])
    assert [len(each) for each in loads.texts] == [MAX_CHARACTERS, 13]


def test_sentences_of_one_meaning_are_near_in_any_language() -> None:
    question, answer, other = MultilingualEncoder().embed(
        ["Darf ich meinen Hund mitbringen?", "Les animaux domestiques sont interdits.", "The lift is out of order."]
    )
    assert question @ answer > question @ other + 0.15
    assert abs(float(question @ question) - 1) < 1e-3
