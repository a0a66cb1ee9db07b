"""A passage that was assessed for one question."""

import re
from dataclasses import dataclass

from rag_service.domain.answering.language.sentences import Sentence
from rag_service.domain.answering.units.units import Unit
from rag_service.domain.passage import Passage

_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
HEADINGS = 2
"""The innermost headings say what a passage is about."""


@dataclass(frozen=True)
class AssessedUnit:
    """A unit of a passage, and the probability that it answers the question."""

    unit: Unit
    probability: float
    named: bool = True
    """Whether it holds what the question names; else it is about another thing."""
    cosine: float | None = None
    """Of the question with all that is quoted; None without an encoder, and where its form makes a unit answer."""
    stored_cosine: float | None = None
    """Of the question with the stored one, of which this unit is the answer; None where there is none."""
    score: float | None = None
    """By the answer encoder; None where that did not read the unit."""
    alone: float | None = None
    """The probability before the unit was compared with its rivals; None if it was not."""


@dataclass(frozen=True)
class AssessedPassage:
    """The quotable sentences of a passage, its units, and the probability that it answers."""

    passage: Passage
    sentences: tuple[Sentence, ...]
    """The quotable sentences, in their order."""
    relevance: tuple[float, ...]
    """Of each sentence; comparable within one question."""
    probability: float
    """That the passage answers the question, 0 to 1."""
    units: tuple[AssessedUnit, ...] = ()

    @property
    def order(self) -> tuple[str, int]:
        """Return the position: passages of one document in the document's order."""
        ordinal = self.passage.metadata.get("ordinal")
        return str(self.passage.document_id), ordinal if isinstance(ordinal, int) else 0

    @property
    def quotable_text(self) -> str:
        """Return the text that a writer may read: the quotable sentences, without prompt injection."""
        return "\n".join(each.text for each in self.sentences)


def subject_of(passage: Passage) -> str:
    """Return the subject of a passage: its innermost headings, else its file's name as words."""
    if passage.heading:
        return " – ".join(passage.heading[-HEADINGS:])
    return re.sub(r"[_\-]+", " ", _ENDING.sub("", passage.title)).strip()
