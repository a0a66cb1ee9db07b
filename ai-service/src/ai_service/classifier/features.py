"""A text as numbers: its words and pieces of words, beside its meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from model_kit.encoder import Vectors
from scipy.sparse import csr_matrix, hstack

MEANING_SCALE = 1.5
"""Of the embedding beside rows of length 1: what worked best on four public sets (docs/triage.md)."""
READ_CHARACTERS = 4_000
MOST_WORDS = 40_000
MOST_PIECES = 60_000


@dataclass(frozen=True)
class Vocabulary:
    """The words and pieces a head knows, each with its weight."""

    words: tuple[str, ...]
    word_weights: Vectors
    pieces: tuple[str, ...]
    piece_weights: Vectors

    def __post_init__(self) -> None:
        object.__setattr__(self, "_vectorizers", self._make())

    def _make(self) -> tuple[Any, ...]:
        return tuple(
            _known(kind, terms, weights)
            for kind, terms, weights in (
                ("word", self.words, self.word_weights),
                ("char_wb", self.pieces, self.piece_weights),
            )
            if terms
        )

    def rows(self, texts: Sequence[str], embeddings: Vectors) -> Any:
        """Return a sparse row per text: words, pieces, meaning."""
        parts = [each.transform(texts) for each in self._vectorizers]  # type: ignore[attr-defined]
        return hstack([*parts, csr_matrix(embeddings * MEANING_SCALE)], format="csr", dtype=np.float32)

    @property
    def size(self) -> int:
        """Return the number of words and pieces."""
        return len(self.words) + len(self.pieces)


NONE = Vocabulary((), np.zeros(0, np.float32), (), np.zeros(0, np.float32))


def learn(texts: Sequence[str]) -> Vocabulary:
    """Collect the words (alone and in pairs) and the pieces (2 to 5 characters) that occur twice or more."""
    words, word_weights = _fitted("word", texts)
    pieces, piece_weights = _fitted("char_wb", texts)
    return Vocabulary(words, word_weights, pieces, piece_weights)


def _vectorizer(kind: str, **more: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    span = (1, 2) if kind == "word" else (2, 5)
    pattern = {"token_pattern": r"(?u)\b\w\w+\b"} if kind == "word" else {}
    return TfidfVectorizer(
        analyzer=kind, ngram_range=span, sublinear_tf=True, strip_accents="unicode", preprocessor=_readable,
        dtype=np.float32, **pattern, **more,
    )  # fmt: skip


def _readable(text: str) -> str:
    return text[:READ_CHARACTERS].casefold()


def _fitted(kind: str, texts: Sequence[str]) -> tuple[tuple[str, ...], Vectors]:
    most = MOST_WORDS if kind == "word" else MOST_PIECES
    vectorizer = _vectorizer(kind, min_df=2 if len(texts) > 20 else 1, max_features=most)
    try:
        vectorizer.fit(texts)
    except ValueError:
        # Not one word in all texts; their meaning is left.
        return (), np.zeros(0, np.float32)
    return tuple(vectorizer.get_feature_names_out()), vectorizer.idf_.astype(np.float32)


def _known(kind: str, terms: tuple[str, ...], weights: Vectors) -> Any:
    vectorizer = _vectorizer(kind, vocabulary={term: place for place, term in enumerate(terms)})
    vectorizer.idf_ = weights
    return vectorizer
