"""Assesses passages for a question: what may be quoted of them, and how probably it answers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag_service.domain.answering.answerability import Cosines, probability
from rag_service.domain.answering.approved import agree
from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.sentences import Sentence, split
from rag_service.domain.answering.language.text_features import content, stems
from rag_service.domain.answering.matches.plain_matches import PROBABILITY, plain_matches
from rag_service.domain.answering.safety.prompt_injection import safe_sentences
from rag_service.domain.answering.tables.columns import column_names, without_identifiers
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, AssessedUnit, subject_of
from rag_service.domain.answering.units.unit_features import Described, Read, describe
from rag_service.domain.answering.units.unit_model import UnitModel, unit_model
from rag_service.domain.answering.units.units import Unit
from rag_service.domain.document import PassageKind
from rag_service.domain.passage import Passage

Embed = Callable[[Sequence[str]], NDArray[Any]]
"""Texts to rows of length 1, in their order."""

Score = Callable[[str, Sequence[str]], NDArray[Any]]
"""A question and texts to a score per text, in their order."""

NEAREST_SCORED, LIKELIEST_SCORED = 20, 8
"""How many units are scored, by their cosines and by their probabilities."""
MAX_SENTENCES = 60
"""Sentences or rows of one passage; a chunk of prose has about ten, one of short rows forty."""
MAX_COLUMNS = 24
MIN_STORED_COSINE = 0.85
"""Of a question to a stored one that is the same in other words; of 24 pairs of different ones the nearest had .72."""
WORDS_COUNT = 0.2
"""The weight of shared words in a sentence's relevance, beside its cosine."""


def assess(
    question: str,
    passages: Sequence[Passage],
    embed: Embed | None,
    model: UnitModel | None = None,
    score: Score | None = None,
) -> list[AssessedPassage]:
    """Return the assessed passages, the likeliest answer first; `passages` are in the order of their retrieval.

    The encoder is called once for all of them, and so is the answer encoder, `score`.
    `model` None: the one that was taught on the English encoder's cosines.
    """
    read, columns = read_passages(question, passages, embed)
    model = model or unit_model("by_words" if embed is None else "with_encoder")
    described = describe(question, read, columns)
    near = _whole_cosines(question, read, described, embed)
    found = []
    for one, units in zip(read, described, strict=True):
        assessed = tuple(
            AssessedUnit(
                each.unit,
                max(model.probability(each.unit.kind, each.features), _same_question(question, one, each.unit)),
                each.named,
                next(near),
                one.cosines.sentences[each.unit.core][0] if one.cosines and each.unit.kind == "qa" else None,
            )
            for each in units
        )
        assessed += tuple(AssessedUnit(each, PROBABILITY) for each in plain_matches(question, one))
        shown = [each.shown for each in one.sentences]
        answers = probability(question, subject_of(one.passage), shown, one.cosines)
        relevance = tuple(_relevance(question, one.sentences, one.cosines))
        found.append(AssessedPassage(one.passage, one.sentences, relevance, answers, assessed))
    if score is not None:
        found = with_scores(question, found, score)
    return sorted(found, key=lambda each: -each.probability)


def with_scores(question: str, passages: Sequence[AssessedPassage], score: Score) -> list[AssessedPassage]:
    """Return the passages with a score of each unit that is among the nearest or the likeliest ones."""
    units = [(place, number, each) for place, one in enumerate(passages) for number, each in enumerate(one.units)
             if each.named and each.cosine is not None]  # fmt: skip
    nearest = sorted(units, key=lambda unit: -(unit[2].cosine or 0.0))[:NEAREST_SCORED]
    likeliest = sorted(units, key=lambda unit: -unit[2].probability)[:LIKELIEST_SCORED]
    texts = {(place, number): _with_heading(passages[place], each.unit)
             for place, number, each in [*nearest, *likeliest]}  # fmt: skip
    if not texts:
        return list(passages)
    scores = dict(zip(texts, score(question, list(texts.values())).tolist(), strict=True))
    return [
        replace(one, units=tuple(replace(each, score=scores.get((place, number)))
                                 for number, each in enumerate(one.units)))
        for place, one in enumerate(passages)
    ]  # fmt: skip


def _with_heading(passage: AssessedPassage, unit: Unit) -> str:
    above = reversed(passage.sentences[: unit.core])
    heading = next((each.shown for each in above if each.kind == "heading"), "")
    heading = heading or (passage.passage.heading[-1] if passage.passage.heading else "")
    return below(heading, " ".join(passage.sentences[index].shown for index in unit.quoted))


def below(heading: str, text: str) -> str:
    """Return a text with its nearest heading, as the answer encoder was taught."""
    return f"{heading}. {text}" if heading else text


def _whole_cosines(
    question: str, read: Sequence[Read], described: Sequence[Sequence[Described]], embed: Embed | None
) -> Iterator[float | None]:
    """Yield the cosine of the question with all that is quoted of each unit; None for one that is never quoted.

    Of a single sentence it is known; only longer ones are embedded.
    """
    texts: list[str] = []
    found: list[float | int | None] = []
    for one, units in zip(read, described, strict=True):
        for each in units:
            if one.cosines is None or not each.named:
                found.append(None)
            elif len(each.unit.quoted) == 1:
                found.append(one.cosines.sentences[each.unit.quoted[0]][0])
            else:
                found.append(len(texts))
                texts.append(" ".join(one.sentences[index].shown for index in each.unit.quoted))
    rows = np.asarray(embed([question, *texts])) if embed and texts else None
    for place in found:
        yield float(rows[1 + place] @ rows[0]) if isinstance(place, int) and rows is not None else place


def _same_question(question: str, read: Read, unit: Unit) -> float:
    """Return the cosine of a stored question that is this one in other words, as for approved answers; else 0."""
    if unit.kind != "qa" or read.cosines is None:
        return 0.0
    near = min(1.0, read.cosines.sentences[unit.core][0])
    return near if near >= MIN_STORED_COSINE and agree(question, read.sentences[unit.core].shown) else 0.0


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
    named = identifiers(question)
    texts = [question]
    places: list[list[int | None]] = []
    wholes: list[int | None] = []
    for passage, sentences in zip(passages, kept, strict=True):
        title, shown = subject_of(passage), [each.shown for each in sentences]
        head = "\n".join([title, *passage.heading, passage.title])
        texts.append(title)
        places.append([])
        for text in shown:
            # Of a table only the rows that may answer are worth the time.
            left_out = passage.kind is PassageKind.ROWS and not named.coded_in(f"{head}\n{text}")
            places[-1].append(None if left_out else len(texts))
            if not left_out:
                texts.append(text)
        # Only quotable sentences count, so prompt injection does not affect whether a passage answers.
        wholes.append(None if passage.kind is PassageKind.ROWS else len(texts))
        if passage.kind is not PassageKind.ROWS:
            texts.append(f"{title}. {' '.join(shown)}")
    rows = np.asarray(embed([*texts, *more]))
    found: list[Cosines | None] = []
    index = 1
    for lines, whole in zip(places, wholes, strict=True):
        title_row, asked = rows[index], rows[0]
        there = [place for place in lines if place is not None]
        pairs = [
            (0.0, 0.0) if place is None else (float(rows[place] @ asked), float(rows[place] @ title_row))
            for place in lines
        ]
        passage_row = rows[whole] if whole is not None else _mean(rows[there]) if there else title_row
        found.append(Cosines(float(passage_row @ asked), float(title_row @ asked), tuple(pairs)))
        index += 1 + len(there) + (whole is not None)
    return found, rows[len(texts) :]


def _mean(rows: NDArray[Any]) -> NDArray[Any]:
    whole: NDArray[Any] = rows.mean(0)
    return whole / max(1e-9, float(np.linalg.norm(whole)))


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
