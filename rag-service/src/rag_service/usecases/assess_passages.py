"""Assesses passages for a question: quotable sentences, their relevance, and whether the passage answers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag_service.domain.answering.answerability import Cosines, probability
from rag_service.domain.answering.assessed_passage import AssessedPassage, subject_of
from rag_service.domain.answering.prompt_injection import safe_sentences
from rag_service.domain.answering.sentences import Sentence, split
from rag_service.domain.answering.text_features import content, stems
from rag_service.domain.passage import Passage

Embed = Callable[[Sequence[str]], NDArray[Any]]
"""Texts to rows of length 1, in their order."""

MAX_SENTENCES = 40
"""Sentences of one passage; a chunk has about ten."""
WORDS_COUNT = 0.2
"""The weight of shared words in a sentence's relevance, beside its cosine."""


def assess(question: str, passages: Sequence[Passage], embed: Embed | None) -> list[AssessedPassage]:
    """Return the assessed passages, the likeliest answer first. The encoder is called once for all of them."""
    kept = [safe_sentences_of(each) for each in passages]
    near = cosines_of(question, passages, kept, embed) if embed else [None] * len(passages)
    found = [
        AssessedPassage(
            passage,
            sentences,
            tuple(_relevance(question, sentences, cosines)),
            probability(question, subject_of(passage), [each.shown for each in sentences], cosines),
        )
        for passage, sentences, cosines in zip(passages, kept, near, strict=True)
    ]
    return sorted(found, key=lambda each: -each.probability)


def safe_sentences_of(passage: Passage) -> tuple[Sentence, ...]:
    """Return the sentences of a passage that may be quoted."""
    return tuple(safe_sentences(split(passage.text, passage.kind))[:MAX_SENTENCES])


def cosines_of(
    question: str, passages: Sequence[Passage], kept: Sequence[tuple[Sentence, ...]], embed: Embed
) -> list[Cosines | None]:
    """Return the cosines of a question with each passage, of which these sentences are quotable."""
    texts = [question]
    for passage, sentences in zip(passages, kept, strict=True):
        title, shown = subject_of(passage), [each.shown for each in sentences]
        # Only quotable sentences count, so prompt injection does not affect whether a passage answers.
        texts += [title, f"{title}. {' '.join(shown)}", *shown]
    rows = np.asarray(embed(texts))
    asked, index = rows[0], 1
    found: list[Cosines | None] = []
    for sentences in kept:
        title, whole = rows[index], rows[index + 1]
        lines = rows[index + 2 : index + 2 + len(sentences)]
        pairs = zip((lines @ asked).tolist(), (lines @ title).tolist(), strict=True)
        found.append(Cosines(float(whole @ asked), float(title @ asked), tuple(pairs)))
        index += 2 + len(sentences)
    return found


def _relevance(question: str, sentences: Sequence[Sentence], cosines: Cosines | None) -> list[float]:
    asked = content(question)
    shares = [len(stems(each.text).intersection(asked)) / max(1, len(asked)) for each in sentences]
    if cosines is None:
        return shares
    return [near + WORDS_COUNT * share for (near, _), share in zip(cosines.sentences, shares, strict=True)]
