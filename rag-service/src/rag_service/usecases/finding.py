"""Finds the passages that may answer a question, and who reads them."""

from collections.abc import Callable, Sequence
from uuid import UUID

from rag_service.domain.answering.matches.named_passages import FURTHER, found_for, named_first
from rag_service.domain.document import PassageKind
from rag_service.domain.languages import language_of
from rag_service.domain.passage import Passage
from rag_service.usecases.readers import MULTILINGUAL, Reader, Readers

Retrieve = Callable[[str, int], Sequence[Passage]]
"""Takes a query and a number; returns the company's best passages."""

MAX_SEARCHED_CHARACTERS = 1_000
FOR_OTHER_LANGUAGES = 30
"""Passages that are looked at for a question that is not English: the index is by the English encoder."""
AMONG_TABLES, MAX_TABLES = 100, 30
"""Passages among which those of rows are looked for, and how many of those are looked at."""


class Finder:
    """Finds passages for one company."""

    def __init__(self, retrieve: Retrieve, readers: Readers, number: int, min_score: float) -> None:
        """`number`: how many passages are returned. `min_score`: see `Options`."""
        self._retrieve = retrieve
        self._readers = readers
        self._number = number
        self._min_score = min_score

    def found(
        self,
        question: str,
        context: str = "",
        within: frozenset[UUID] | None = None,
        *,
        fill: bool = False,
        every: bool = False,
    ) -> tuple[Sequence[Passage], Reader]:
        """Return the passages for a question, best first, and their reader.

        `within`: the documents to look in. `fill`: as in `named_first`. `every`: whatever their scores.
        """
        least = 0.0 if every else self._min_score
        passages = self._best(question, context, within, self._number, least, fill=fill)
        reader = self._readers.of(question, passages)
        if reader is self._readers.english:
            return passages, reader
        return self.found_by(reader, question, context, within), reader

    def found_by(
        self, reader: Reader, question: str, context: str = "", within: frozenset[UUID] | None = None
    ) -> Sequence[Passage]:
        """Return the passages as a reader of other languages orders them."""
        more = self._best(question, context, within, max(self._number, FOR_OTHER_LANGUAGES), 0.0)
        return named_first(question, reader.ordered(question, more))[: self._number]

    def in_other_languages(
        self, question: str, context: str = "", within: frozenset[UUID] | None = None
    ) -> tuple[Sequence[Passage], Reader] | None:
        """Return the passages for an English question that are in other languages, and their reader; None without any.

        Their words can't be compared with the question's; the multilingual encoder compares what they mean.
        """
        more = self._best(question, context, within, max(self._number, FOR_OTHER_LANGUAGES), 0.0)
        foreign = [each for each in more if language_of(each.text) in MULTILINGUAL]
        reader = self._readers.of_passages(foreign)
        if reader is None:
            return None
        return named_first(question, reader.ordered(question, foreign))[: self._number], reader

    def tables(self, question: str) -> list[Passage]:
        """Return the passages of rows nearest to a question, also where its words are in none of them."""
        near = self._retrieve(question[:MAX_SEARCHED_CHARACTERS], AMONG_TABLES)
        return [each for each in near if each.kind is PassageKind.ROWS][:MAX_TABLES]

    def further(self, question: str) -> Sequence[Passage]:
        """Return more passages than are read, whatever their scores, for the words that they hold."""
        return self._retrieve(question[:MAX_SEARCHED_CHARACTERS], self._number * FURTHER)

    def _best(
        self,
        question: str,
        context: str,
        within: frozenset[UUID] | None,
        number: int,
        min_score: float,
        *,
        fill: bool = False,
    ) -> Sequence[Passage]:
        if within is None:
            search_for = f"{question} {context}".strip()[:MAX_SEARCHED_CHARACTERS]
            return found_for(question, self._retrieve, number, min_score, search_for, fill=fill)
        every = self._retrieve(question, number * FURTHER)
        return named_first(question, [each for each in every if each.document_id in within])[:number]
