"""Describes each unit of the passages that were read for a question, for the model that chooses among them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from rag_service.domain.answering import answerability
from rag_service.domain.answering.answer_kind import (
    CHECKED_KINDS,
    asked_kind,
    asks_money,
    asks_percent,
    holds,
    holds_money,
    holds_percent,
)
from rag_service.domain.answering.answerability import Cosines
from rag_service.domain.answering.exclusions.other_codes import is_about_another
from rag_service.domain.answering.language.identifiers import Identifiers, identifiers
from rag_service.domain.answering.language.imperative import is_imperative
from rag_service.domain.answering.language.opposites import says_the_opposite
from rag_service.domain.answering.language.sentences import Sentence
from rag_service.domain.answering.language.text_features import numbers
from rag_service.domain.answering.language.word_match import Words, asked_words, weights
from rag_service.domain.answering.tables.asked_cell import NO_CELL, asked_cell
from rag_service.domain.answering.tables.named_columns import lacks_named_cell
from rag_service.domain.answering.tables.row_ranges import held_in_ranges
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.answering.units.row_features import NO_ROW, RowFeatures, is_about, row_features
from rag_service.domain.answering.units.units import Unit, units_of
from rag_service.domain.passage import Passage

Numbers = list[float]
_ENDS = re.compile(r"[.!?…:;。！？][\"'”’»)\]*_]*$")

NAMES = (
    "cosine", "titled", "passage", "beyond", "around", "words", "words_near", "words_passage", "heaviest_missing",
    "kind", "kind_checked", "rank", "score", "score_behind", "row", "qa", "item", "ordered_not_asked",
    "ordered_asked", "qa_cosine", "qa_words", "length", "quantities", "names", "passage_answers", "asked_words",
    "asks_steps", "cosine_behind", "words_behind", "decision", "anything", "agreeing", "column_words",
    "column_cosine", "asked_beside", "columns_missing", "no_column", "money", "coded", "other_column",
    "value_words", "words_heading", "heading_asks", "fragment", "identified", "fits", "cell_named", "cell_near",
)  # fmt: skip
"""The features, in their order."""
UNNAMED = (0.0,) * len(NAMES)
"""The features of a unit that lacks what the question names, and so is never quoted."""
IDENTIFIED = NAMES.index("identified")
_BY_ENCODER = (
    "cosine", "titled", "passage", "beyond", "around", "qa_cosine", "cosine_behind", "agreeing", "column_cosine",
    "cell_near",
)  # fmt: skip
WITHOUT_ENCODER = tuple(index for index, name in enumerate(NAMES) if name not in _BY_ENCODER)


@dataclass(frozen=True)
class Read:
    """A passage, its quotable sentences, and the cosines of both with the question; None without an encoder."""

    passage: Passage
    sentences: tuple[Sentence, ...]
    cosines: Cosines | None

    @property
    def units(self) -> tuple[Unit, ...]:
        """Return what may be quoted of it."""
        return units_of(self.sentences, self.passage.kind, self.passage.text)


@dataclass(frozen=True)
class Described:
    """A unit with its features, and whether it holds every code of the question."""

    unit: Unit
    features: tuple[float, ...]
    named: bool


def describe(
    question: str, read: Sequence[Read], columns: Mapping[str, float] = MappingProxyType({})
) -> list[list[Described]]:
    """Return the units of each passage, in the order in which the passages were found.

    `columns`: cosines of the question, without what names a row, with column names; empty without an encoder.
    """
    asked = asked_words(question)
    texts = [[Words(each.shown) for each in one.sentences] for one in read]
    weight = weights(asked, [words for one in texts for words in one])
    whole = sum(weight.values()) or 1.0
    per_word = [weight[word] / whole for word in asked]
    names = identifiers(question)
    best = max((one.passage.score for one in read), default=0.0)
    found = []
    for rank, (one, words) in enumerate(zip(read, texts, strict=True)):
        held = [[each.holds(word) for word in asked] for each in words]
        about = Words(" ".join([subject_of(one.passage), *one.passage.heading, one.passage.title, _title(one.passage)]))
        view = _View(
            question, asked, per_word, names, one, held, [about.holds(word) for word in asked], about, words, columns
        )
        found.append(view.described(rank, best))
    return _compared(found)


@dataclass(frozen=True)
class _View:
    """A passage as one question sees it."""

    question: str
    asked: tuple[str, ...]
    weight: list[float]
    identifiers: Identifiers
    read: Read
    held: list[list[float]]
    """Per sentence and word of the question: how far it is there."""
    titled: list[float]
    about: Words
    words: list[Words]
    columns: Mapping[str, float]

    def described(self, rank: int, best_score: float) -> list[Described]:
        """Return the units of the passage with their features."""
        question, sentences, passage = self.question, self.read.sentences, self.read.passage
        kind, percent = asked_kind(question), asks_percent(question)
        everything = _joined([self.titled, *self.held])
        missing = max((w for w, there in zip(self.weight, everything, strict=True) if not there), default=0.0)
        named = self.about.raw.union(*(each.raw for each in self.words))
        shown = [each.shown for each in sentences]
        answers = answerability.probability(question, subject_of(passage), shown, self.read.cosines)
        quantities = numbers(question)
        money = asks_money(question)
        innermost = passage.heading[-1] if passage.heading else ""
        own_heading = heading = self._share(list(map(Words(innermost).holds, self.asked))) if innermost else 0.0
        found = []
        for unit in self.read.units:
            if (above := self._heading_above(unit)) is not None:
                own_heading = self._share(self.held[above])
            quoted = " ".join(shown[index] for index in unit.quoted)
            opposite = kind in CHECKED_KINDS and says_the_opposite(question, quoted)
            if opposite or not (self._coded(unit, quoted) and self._row_named(unit)):
                found.append(Described(unit, UNNAMED, named=False))
                continue
            imperative = unit.kind == "sentence" and is_imperative(shown[unit.core])
            own = _joined([self.held[index] for index in {unit.core, *unit.quoted}])
            near = _joined([own, self.titled, *self.held[max(0, unit.core - 2) : unit.core + 3]])
            *columns, other_column, values = self._row(unit)
            there = holds(kind, quoted) and (not percent or holds_percent(quoted))
            found.append(
                Described(
                    unit,
                    (
                        *self._cosines(unit),
                        self._share(own),
                        self._share(near) if unit.kind == "sentence" else self._share(_joined([own, self.titled])),
                        self._share(everything),
                        missing,
                        float(there),
                        float(there) if kind in CHECKED_KINDS else 0.5,
                        1.0 / (1 + rank),
                        passage.score,
                        passage.score - best_score,
                        float(unit.kind == "row"),
                        float(unit.kind == "qa"),
                        float(sentences[unit.core].kind == "item"),
                        float(imperative and kind != "steps"),
                        float(imperative and kind == "steps"),
                        self._question_cosine(unit),
                        self._mutual(unit),
                        math.log1p(len(quoted)) / 5,
                        len(quantities & numbers(quoted)) / len(quantities) if quantities else 1.0,
                        self._names(named),
                        math.log(max(answers, 1e-4) / max(1 - answers, 1e-4)),
                        math.log1p(len(self.asked)),
                        float(kind == "steps"),
                        0.0,
                        0.0,
                        float(kind == "decision"),
                        float(kind == "anything"),
                        0.0,
                        *columns,
                        float(not money or holds_money(quoted, row=unit.kind == "row")),
                        float(bool(self.identifiers.codes)),
                        other_column,
                        values,
                        own_heading,
                        heading if innermost.rstrip(" *_").endswith("?") else 0.0,
                        float(unit.kind == "sentence" and not _ENDS.search(quoted)),
                        *self._asked_cell(unit),
                    ),
                    named=True,
                )
            )
        return found

    def _heading_above(self, unit: Unit) -> int | None:
        """Return the heading inside the passage below which a unit stands."""
        for place in range(unit.core - 1, -1, -1):
            if self.read.sentences[place].kind == "heading":
                return place
        return None

    def _cosines(self, unit: Unit) -> tuple[float, float, float, float, float]:
        cosines = self.read.cosines
        if cosines is None:
            return 0.0, 0.0, 0.0, 0.0, 0.0
        each = [cosines.sentences[index] for index in {unit.core, *unit.quoted}]
        near, title = max(each)
        titled = max((cosines.question_title + one) / math.sqrt(max(0.2, 2 + 2 * other)) for one, other in each)
        beyond = answerability.beyond_title(near, title, cosines.question_title)
        beside = [
            *range(max(0, unit.core - 1), unit.core),
            *range(unit.core + 1, min(len(cosines.sentences), unit.core + 2)),
        ]
        around = max((cosines.sentences[index][0] for index in beside), default=near)
        return near, titled, cosines.question_passage, beyond, around

    def _question_cosine(self, unit: Unit) -> float:
        if unit.kind != "qa" or self.read.cosines is None:
            return 0.0
        return self.read.cosines.sentences[unit.core][0]

    def _mutual(self, unit: Unit) -> float:
        """Return how far a stored question and this one have the same words."""
        if unit.kind != "qa":
            return 0.0
        stored = asked_words(self.read.sentences[unit.core].shown)
        mine = Words(self.question)
        there = sum(mine.holds(word) > 0 for word in stored) / len(stored) if stored else 0.0
        return min(self._share(self.held[unit.core]), there)

    def _share(self, held: Sequence[float]) -> float:
        return sum(weight * there for weight, there in zip(self.weight, held, strict=True)) if self.asked else 1.0

    def _names(self, held: frozenset[str]) -> float:
        names = self.identifiers.names
        return len(names & held) / len(names) if names else 1.0

    def _row(self, unit: Unit) -> RowFeatures:
        if unit.kind != "row":
            return NO_ROW
        return row_features(self.read.sentences[unit.core].shown, self.question, self.about, self.columns)

    def _asked_cell(self, unit: Unit) -> tuple[float, float, float, float]:
        row = self.read.sentences[unit.core].shown
        cell = asked_cell(row, self.question, self.about, self.columns) if unit.kind == "row" else NO_CELL
        return float(cell.identified), cell.fits, cell.named, cell.near

    def _row_named(self, unit: Unit) -> bool:
        """Return whether a row holds the names of the question: of a list of alike things it tells no other one."""
        if unit.kind != "row":
            return True
        row, shown = self.words[unit.core], self.read.sentences[unit.core].shown
        if lacks_named_cell(self.question, shown, self.read.passage.text):
            return False
        held = held_in_ranges(self.question, shown).words
        asked = [word for word in self.asked if word not in held]
        return is_about(row, self.about, asked) and self.identifiers.named_in(self.about.raw | row.raw | held)

    def _coded(self, unit: Unit, quoted: str) -> bool:
        if not self.identifiers.codes:
            return True
        sentences, passage = self.read.sentences, self.read.passage
        core = sentences[unit.core]
        # A paragraph names its subject once: "Error 12: the fuse is blown. It is behind the left panel."
        block = [each.shown for each in sentences[: unit.core] if each.block == core.block and unit.kind == "sentence"]
        above = [each.shown for each in sentences[max(0, unit.core - 3) : unit.core] if each.kind == "heading"]
        head = [subject_of(passage), *passage.heading, passage.title, _title(passage)]
        own, heads = f"{quoted}\n{core.shown}", "\n".join([*above[-1:], *head])
        if is_about_another(self.question, own, block, heads):
            return False
        return self.identifiers.coded_in("\n".join([own, *block, heads]))


def _title(passage: Passage) -> str:
    title = passage.metadata.get("document_title")
    return title if isinstance(title, str) else ""


def _joined(rows: Sequence[Sequence[float]]) -> list[float]:
    return [max(column) for column in zip(*rows, strict=True)] if rows else []


def _compared(found: list[list[Described]]) -> list[list[Described]]:
    """Return the units with how far each is behind the best of all, by its cosine and by its words."""
    every = [each.features for one in found for each in one if each.named]
    if not every:
        return found
    cosine, words = NAMES.index("titled"), NAMES.index("words_near")
    behind = NAMES.index("cosine_behind")
    agreeing = NAMES.index("agreeing")
    best_cosine, best_words = max(each[cosine] for each in every), max(each[words] for each in every)
    compared: list[list[Described]] = []
    for one in found:
        compared.append([])
        for each in one:
            row = list(each.features)
            row[behind], row[behind + 1] = row[cosine] - best_cosine, row[words] - best_words
            row[agreeing] = row[words] * row[cosine]
            compared[-1].append(Described(each.unit, tuple(row), named=each.named))
    return compared
