"""Texts as TF-IDF features of words and character n-grams."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from model_kit.encoder import Vectors
from scipy.sparse import csr_matrix, hstack

from ai_service.domain.ticket_text import visible

READ_CHARACTERS = 4_000
MAX_WORDS = 40_000
MAX_NGRAMS = 60_000
MAX_TEXTS_TO_KEEP_ALL_TERMS = 20
"""With up to this many texts every term is kept, not only those that occur twice."""
WORD_NGRAM_RANGE = (1, 2)
NGRAM_RANGE = (3, 4)
"""N-grams of 2 and 5 characters double the time without making more texts right."""
UNSPACED_NGRAM_RANGE = (1, 3)
"""For scripts without spaces, such as Chinese, Japanese or Thai, where a word has one or two characters."""
_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Vocabulary:
    """The words and character n-grams of a head, each with its inverse document frequency."""

    words: tuple[str, ...]
    word_weights: Vectors
    ngrams: tuple[str, ...]
    ngram_weights: Vectors
    span: tuple[int, int] = (3, 4)
    """The minimum and maximum length of a character n-gram."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_vectorizers", self._make_vectorizers())

    def _make_vectorizers(self) -> tuple[Any, ...]:
        return tuple(
            _fixed_vectorizer(kind, span, terms, weights)
            for kind, span, terms, weights in (
                ("word", WORD_NGRAM_RANGE, self.words, self.word_weights),
                ("char_wb", self.span, self.ngrams, self.ngram_weights),
            )
            if terms
        )

    def rows(self, texts: Sequence[str]) -> Any:
        """Return a sparse row per text: its words, then its character n-grams."""
        parts = [each.transform(texts) for each in self._vectorizers]  # type: ignore[attr-defined]
        return _beside(parts, len(texts))

    @property
    def size(self) -> int:
        """Return the number of words and character n-grams."""
        return len(self.words) + len(self.ngrams)


def fit_vocabulary(texts: Sequence[str]) -> tuple[Vocabulary, Any]:
    """Return the vocabulary of words, word pairs and character n-grams that occur twice or more, and the texts' rows.

    The rows are returned, too, because fitting the vocabulary transforms every text anyway.
    """
    span = _span(texts)
    words, word_weights, by_words = _fitted("word", WORD_NGRAM_RANGE, texts)
    ngrams, ngram_weights, by_ngrams = _fitted("char_wb", span, texts)
    parts = [each for each in (by_words, by_ngrams) if each is not None]
    return Vocabulary(words, word_weights, ngrams, ngram_weights, span), _beside(parts, len(texts))


def _span(texts: Sequence[str]) -> tuple[int, int]:
    read = [text[:READ_CHARACTERS] for text in texts]
    unspaced = sum(len(_WITHOUT_SPACES.findall(text)) for text in read)
    return UNSPACED_NGRAM_RANGE if unspaced > sum(map(len, read)) / 5 else NGRAM_RANGE


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
    max_terms = MAX_WORDS if kind == "word" else MAX_NGRAMS
    vectorizer = _vectorizer(
        kind, span, min_df=2 if len(texts) > MAX_TEXTS_TO_KEEP_ALL_TERMS else 1, max_features=max_terms
    )
    try:
        rows = vectorizer.fit_transform(texts)
    except ValueError:
        # The texts contain no word at all; only the member for meaning can classify them.
        return (), np.zeros(0, np.float32), None
    return tuple(vectorizer.get_feature_names_out()), vectorizer.idf_.astype(np.float32), rows


def _fixed_vectorizer(kind: str, span: tuple[int, int], terms: tuple[str, ...], weights: Vectors) -> Any:
    vectorizer = _vectorizer(kind, span, vocabulary={term: place for place, term in enumerate(terms)})
    vectorizer.idf_ = weights
    return vectorizer
