"""A unit with its passage, and how its sentences are added to an answer."""

from dataclasses import dataclass

from rag_service.domain.answering.citation import Cited, Span, quoted
from rag_service.domain.answering.editions.difference import alike
from rag_service.domain.answering.language.sentences import Sentence
from rag_service.domain.answering.safety.prompt_injection import is_injection
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, AssessedUnit


@dataclass(frozen=True)
class FoundUnit:
    """A unit with its passage."""

    assessed: AssessedPassage
    unit: AssessedUnit

    @property
    def probability(self) -> float:
        return self.unit.probability

    @property
    def alone(self) -> float:
        """Return the probability before the comparison with rivals: a sentence beside the best one is no rival."""
        return self.probability if self.unit.alone is None else self.unit.alone

    @property
    def sentences(self) -> list[Sentence]:
        return [self.assessed.sentences[index] for index in self.unit.unit.quoted]

    @property
    def core(self) -> Sentence:
        return self.assessed.sentences[self.unit.unit.core]

    @property
    def heading(self) -> str:
        """Return the nearest heading above it within its passage; empty if there is none."""
        above = reversed(self.assessed.sentences[: self.unit.unit.core])
        return next((each.shown for each in above if each.kind == "heading"), "")

    @property
    def quoted(self) -> str:
        return " ".join(each.shown for each in self.sentences)


def add(found: list[Cited], assessed: AssessedPassage, sentence: Sentence, *, keep_alike: bool) -> None:
    text = quoted(sentence.text)
    if not text or is_injection(text):
        return
    chunk = assessed.passage.chunk_id
    span = Span(chunk, sentence.start, sentence.end)
    for index, other in enumerate(found):
        if other.text == text:
            # Equal sentences in two documents are one step that cites both.
            if chunk not in other.chunk_ids:
                found[index] = Cited(text, (*other.chunk_ids, chunk), (*other.spans, span))
            return
        if not keep_alike and alike(other.text, text):
            return
    found.append(Cited(text, (chunk,), (span,)))
