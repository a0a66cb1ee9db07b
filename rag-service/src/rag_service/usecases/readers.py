"""Chooses the encoder, and the model taught on its cosines, by the language of a question."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rag_service.domain.answering.units.assessed_passage import AssessedPassage, subject_of
from rag_service.domain.answering.units.unit_model import WEIGHTS, UnitModel, unit_model
from rag_service.domain.languages import ENGLISH, language_of
from rag_service.domain.passage import Passage
from rag_service.usecases.assess_passages import Embed, Score, assess, safe_sentences_of

MULTILINGUAL = frozenset({"german", "french", "spanish", "italian", "portuguese", "dutch"})
"""The languages other than English that the second encoder understands, and of which stop words are known."""
SAME_LANGUAGE = 0.1
"""How much a passage in the question's language, or of none, such as rows, is preferred; the cosine of a good one is
about .4."""


@dataclass(frozen=True)
class Reader:
    """Assesses passages by one encoder."""

    embed: Embed | None
    """None: by words alone."""
    model: UnitModel
    language: str = ENGLISH
    """The question's."""
    score: Score | None = None
    """By the answer encoder; None: units are compared by probability and cosine alone."""

    def assess(self, question: str, passages: Sequence[Passage]) -> list[AssessedPassage]:
        """Return the assessed passages, the likeliest answer first; `passages` are in the order of their retrieval."""
        return assess(question, passages, self.embed, self.model, self.score)

    def ordered(self, question: str, passages: Sequence[Passage]) -> list[Passage]:
        """Return passages that the English encoder found for a question in another language, ordered anew.

        Their scores are the mean of the old one and the multilingual cosine.
        """
        if not self.embed or not passages:
            return list(passages)
        texts = [" ".join([f"{subject_of(each)}.", *(one.shown for one in safe_sentences_of(each))])
                 for each in passages]  # fmt: skip
        rows = np.asarray(self.embed([question, *texts]))
        found = []
        for each, near in zip(passages, (rows[1:] @ rows[0]).tolist(), strict=True):
            same = SAME_LANGUAGE if language_of(each.text) in (self.language, None) else 0.0
            found.append(replace(each, score=max(0.0, (each.score + near + same) / 2)))
        return sorted(found, key=lambda each: -each.score)


class Readers:
    """The readers for English and for other languages."""

    def __init__(
        self, embed: Embed | None, embed_others: Embed | None, weights: Path = WEIGHTS, score: Score | None = None
    ) -> None:
        """`embed`: the English encoder. `embed_others`: the multilingual one; None: the English one reads all.

        `score`: by the answer encoder, for English; it needs `embed` beside it.
        `weights`: a file that `benchmarks/answer_units.py` wrote.
        """
        self._weights = weights
        self.english = Reader(embed, unit_model("by_words" if embed is None else "with_encoder", weights))
        self.scoring = Reader(embed, unit_model("with_scores", weights), score=score) if embed and score else None
        """Reads English again where nothing answered, by the answer encoder too; None without it."""
        self._embed_others = embed_others

    def of(self, question: str, passages: Sequence[Passage]) -> Reader:
        """Return the reader for a question; key words without a language are in that of the best passage."""
        language = language_of(question) or (language_of(passages[0].text) if passages else None) or ENGLISH
        return self.others(language) if self._embed_others and language in MULTILINGUAL else self.english

    def of_passages(self, foreign: Sequence[Passage]) -> Reader | None:
        """Return who reads passages in other languages for an English question; None if nobody does."""
        return self.others(ENGLISH) if self._embed_others and foreign else None

    def others(self, language: str) -> Reader:
        """Return the multilingual reader for a question in this language."""
        return Reader(self._embed_others, unit_model("multilingual", self._weights), language)
