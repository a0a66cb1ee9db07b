"""A passage as it was read for one question."""

import re
from dataclasses import dataclass

from rag_service.domain.answering.sentences import Sentence
from rag_service.domain.passage import Passage

_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
HEADINGS = 2
"""The innermost ones say what a passage is about."""


@dataclass(frozen=True)
class AssessedPassage:
    """What may be quoted of a passage, how well each sentence fits the question, and whether it answers it."""

    passage: Passage
    sentences: tuple[Sentence, ...]
    """Those that may be quoted, in their order."""
    relevance: tuple[float, ...]
    """Of each sentence; comparable within one question."""
    probability: float
    """That the passage answers the question, 0 to 1."""

    @property
    def order(self) -> tuple[str, int]:
        """Return where it stands: passages of one document in the document's order."""
        ordinal = self.passage.metadata.get("ordinal")
        return str(self.passage.document_id), ordinal if isinstance(ordinal, int) else 0

    @property
    def material(self) -> str:
        """Return what a writer may read of it: what may be quoted, and nothing that was planted."""
        return "\n".join(each.text for each in self.sentences)


def about(passage: Passage) -> str:
    """Return what a passage stands under: its innermost headings, else its file's name as words."""
    if passage.heading:
        return " – ".join(passage.heading[-HEADINGS:])
    return re.sub(r"[_\-]+", " ", _ENDING.sub("", passage.title)).strip()
