"""A text as numbers: its words and pieces of words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from model_kit.encoder import Vectors
from scipy.sparse import csr_matrix, hstack

from ai_service.domain.ticket_text import visible

READ_CHARACTERS = 4_000
MOST_WORDS = 40_000
MAX_NGRAMS = 60_000
FEW = 20
"""Of so few texts every word is kept, not only what occurs twice."""
WORDS_SPAN = (1, 2)
SPAN = (3, 4)
"""Longer pieces cost more than they bring: half the time without those of 2 and 5, and as many texts right."""
SPAN_WITHOUT_SPACES = (1, 3)
"""Where a word is a character or two, as in Chinese, Japanese or Thai."""
_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Vocabulary:
    """The words and pieces a head knows, each with its weight."""

    words: tuple[str, ...]
    word_weights: Vectors
    pieces: tuple[str, ...]
    piece_weights: Vectors
    span: tuple[int, int] = (3, 4)
    """The least and the most characters of a piece."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_vectorizers", self._make())

    def _make(self) -> tuple[Any, ...]:
        return tuple(
            _known(kind, span, terms, weights)
            for kind, span, terms, weights in (
                ("word", WORDS_SPAN, self.words, self.word_weights),
                ("char_wb", self.span, self.pieces, self.piece_weights),
            )
            if terms
        )

    def rows(self, texts: Sequence[str]) -> Any:
        """Return a sparse row per text: its words, then its pieces."""
        parts = [each.transform(texts) for each in self._vectorizers]  # type: ignore[attr-defined]
        return _beside(parts, len(texts))

    @property
    def size(self) -> int:
        """Return the number of words and pieces."""
        return len(self.words) + len(self.pieces)


NONE = Vocabulary((), np.zeros(0, np.float32), (), np.zeros(0, np.float32))


def learn(texts: Sequence[str]) -> tuple[Vocabulary, Any]:
    """Collect the words (alone and in pairs) and the pieces of words that occur twice or more.

    Returns them with the texts' rows, because collecting reads every text anyway.
    """
    span = _span(texts)
    words, word_weights, by_words = _fitted("word", WORDS_SPAN, texts)
    pieces, piece_weights, by_pieces = _fitted("char_wb", span, texts)
    parts = [each for each in (by_words, by_pieces) if each is not None]
    return Vocabulary(words, word_weights, pieces, piece_weights, span), _beside(parts, len(texts))


def _span(texts: Sequence[str]) -> tuple[int, int]:
    read = [text[:READ_CHARACTERS] for text in texts]
    unspaced = sum(len(_WITHOUT_SPACES.findall(text)) for text in read)
    return SPAN_WITHOUT_SPACES if unspaced > sum(map(len, read)) / 5 else SPAN


def _beside(parts: list[Any], number: int) -> Any:
    return hstack(parts, format="csr", dtype=np.float32) if parts else csr_matrix((number, 0), dtype=np.float32)


def _vectorizer(kind: str, span: tuple[int, int], **more: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    pattern = {"token_pattern": r"(?u)\b\w\w+\b"} if kind == "word" else {}
    return TfidfVectorizer(
        analyzer=kind, ngram_range=span, sublinear_tf=True, strip_accents="unicode", preprocessor=_readable,
        dtype=np.float32, **pattern, **more,
    )  # fmt: skip


def _readable(text: str) -> str:
    return visible(text[:READ_CHARACTERS]).casefold()


def _fitted(kind: str, span: tuple[int, int], texts: Sequence[str]) -> tuple[tuple[str, ...], Vectors, Any]:
    most = MOST_WORDS if kind == "word" else MAX_NGRAMS
    vectorizer = _vectorizer(kind, span, min_df=2 if len(texts) > FEW else 1, max_features=most)
    try:
        rows = vectorizer.fit_transform(texts)
    except ValueError:
        # Not one word in all texts; their meaning is left.
        return (), np.zeros(0, np.float32), None
    return tuple(vectorizer.get_feature_names_out()), vectorizer.idf_.astype(np.float32), rows


def _known(kind: str, span: tuple[int, int], terms: tuple[str, ...], weights: Vectors) -> Any:
    vectorizer = _vectorizer(kind, span, vocabulary={term: place for place, term in enumerate(terms)})
    vectorizer.idf_ = weights
    return vectorizer
