"""Assesses passages for a question: what may be told of them, and how probably it answers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag_service.domain.answering.answerability import Cosines, probability
from rag_service.domain.answering.assessed_passage import AssessedPassage, AssessedUnit, subject_of
from rag_service.domain.answering.columns import column_names, without_identifiers
from rag_service.domain.answering.prompt_injection import safe_sentences
from rag_service.domain.answering.sentences import Sentence, split
from rag_service.domain.answering.text_features import content, stems
from rag_service.domain.answering.unit_features import Read, describe
from rag_service.domain.answering.unit_model import unit_model
from rag_service.domain.document import PassageKind
from rag_service.domain.passage import Passage

Embed = Callable[[Sequence[str]], NDArray[Any]]
"""Texts to rows of length 1, in their order."""

MAX_SENTENCES = 60
"""Sentences or rows of one passage; a chunk of prose has about ten, one of short rows forty."""
MAX_COLUMNS = 24
WORDS_COUNT = 0.2
"""The weight of shared words in a sentence's relevance, beside its cosine."""


def assess(question: str, passages: Sequence[Passage], embed: Embed | None) -> list[AssessedPassage]:
    """Return the assessed passages, the likeliest answer first; `passages` are in the order of their retrieval.

    The encoder is called once for all of them.
    """
    read, columns = read_passages(question, passages, embed)
    model = unit_model(encoder=embed is not None)
    found = []
    for one, units in zip(read, describe(question, read, columns), strict=True):
        assessed = tuple(
            AssessedUnit(each.unit, model.probability(each.unit.kind, each.features), each.named) for each in units
        )
        shown = [each.shown for each in one.sentences]
        answers = probability(question, subject_of(one.passage), shown, one.cosines)
        relevance = tuple(_relevance(question, one.sentences, one.cosines))
        found.append(AssessedPassage(one.passage, one.sentences, relevance, answers, assessed))
    return sorted(found, key=lambda each: -each.probability)


def read_passages(
    question: str, passages: Sequence[Passage], embed: Embed | None
) -> tuple[list[Read], dict[str, float]]:
    """Return the passages with their cosines, and the cosines of what is asked with the names of columns."""
    kept = [safe_sentences_of(each) for each in passages]
    if embed is None:
        return [Read(*each, None) for each in zip(passages, kept, strict=True)], {}
    names = _column_names(passages, kept)
    texts = [without_identifiers(question), *names] if names else []
    near, rows = _embedded(question, passages, kept, texts, embed)
    columns = dict(zip(names, (rows[1:] @ rows[0]).tolist(), strict=True)) if names else {}
    return [Read(*each) for each in zip(passages, kept, near, strict=True)], columns


def safe_sentences_of(passage: Passage) -> tuple[Sentence, ...]:
    """Return the sentences of a passage that may be quoted."""
    return tuple(safe_sentences(split(passage.text, passage.kind))[:MAX_SENTENCES])


def cosines_of(
    question: str, passages: Sequence[Passage], kept: Sequence[tuple[Sentence, ...]], embed: Embed
) -> list[Cosines | None]:
    """Return the cosines of a question with each passage, of which these sentences are quotable."""
    return _embedded(question, passages, kept, [], embed)[0]


def _embedded(
    question: str,
    passages: Sequence[Passage],
    kept: Sequence[tuple[Sentence, ...]],
    more: Sequence[str],
    embed: Embed,
) -> tuple[list[Cosines | None], NDArray[Any]]:
    """Return the passages' cosines, and the rows of further texts."""
    texts = [question]
    for passage, sentences in zip(passages, kept, strict=True):
        title, shown = subject_of(passage), [each.shown for each in sentences]
        # Only quotable sentences count, so prompt injection does not affect whether a passage answers.
        texts += [title, f"{title}. {' '.join(shown)}", *shown]
    rows = np.asarray(embed([*texts, *more]))
    asked, index = rows[0], 1
    found: list[Cosines | None] = []
    for sentences in kept:
        title, whole = rows[index], rows[index + 1]
        lines = rows[index + 2 : index + 2 + len(sentences)]
        pairs = zip((lines @ asked).tolist(), (lines @ title).tolist(), strict=True)
        found.append(Cosines(float(whole @ asked), float(title @ asked), tuple(pairs)))
        index += 2 + len(sentences)
    return found, rows[index:]


def _column_names(passages: Sequence[Passage], kept: Sequence[tuple[Sentence, ...]]) -> list[str]:
    tables = [rows for passage, rows in zip(passages, kept, strict=True) if passage.kind is PassageKind.ROWS]
    names = dict.fromkeys(name for rows in tables for row in rows for name in column_names(row.shown))
    return list(names)[:MAX_COLUMNS]


def _relevance(question: str, sentences: Sequence[Sentence], cosines: Cosines | None) -> list[float]:
    asked = content(question)
    shares = [len(stems(each.text).intersection(asked)) / max(1, len(asked)) for each in sentences]
    if cosines is None:
        return shares
    return [near + WORDS_COUNT * share for (near, _), share in zip(cosines.sentences, shares, strict=True)]
