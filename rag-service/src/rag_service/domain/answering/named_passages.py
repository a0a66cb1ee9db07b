"""Orders passages by whether they hold what a question names."""

from collections.abc import Sequence

from rag_service.domain.answering.identifiers import Identifiers, identifiers
from rag_service.domain.answering.text_features import stems
from rag_service.domain.passage import Passage

NAME_WORDS = 2
"""Words of a name, such as a person's, that tells one row from others."""


def named_first(question: str, passages: Sequence[Passage], min_score: float = 0.0) -> Sequence[Passage]:
    """Return the passages, first those that hold what the question names: a code is worth more than a near subject.

    Passages below `min_score` are left out, unless they hold a code of the question.
    """
    named = identifiers(question)
    held = {each.chunk_id: _holds(each, named) for each in passages}
    kept = [each for each in passages if each.score >= min_score or (named.codes and held[each.chunk_id])]
    return sorted(kept, key=lambda each: not held[each.chunk_id])


def _holds(passage: Passage, named: Identifiers) -> bool:
    """Return whether a passage holds the codes of a question, or where it has none, the whole name in one line."""
    head = "\n".join([passage.title, *passage.heading])
    if named.codes:
        return named.coded_in(f"{head}\n{passage.text}")
    return len(named.names) >= NAME_WORDS and any(named.named_in(stems(line)) for line in passage.text.splitlines())
