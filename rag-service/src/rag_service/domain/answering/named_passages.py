"""Orders passages by whether they hold what a question names."""

import re
from collections.abc import Callable, Sequence

from rag_service.domain.answering.identifiers import Identifiers, identifiers
from rag_service.domain.answering.text_features import stem, stems, tokens
from rag_service.domain.passage import Passage

FURTHER = 4
"""How many times as many passages are looked at for a name or code that the best ones lack."""
_FULL_NAME = re.compile(r"[^\W\d_a-zß][\w'’-]+(?: [^\W\d_a-zß][\w'’-]+)+")
"""Words of a name, such as a person's, that tells one row from others."""


def named_first(question: str, passages: Sequence[Passage], min_score: float = 0.0) -> Sequence[Passage]:
    """Return the passages, first those that hold what the question names: a code is worth more than a near subject.

    Passages below `min_score` are left out, unless they hold a code or a whole name of the question.
    """
    named = identifiers(question)
    if not _names_one(question, named):
        return [each for each in passages if each.score >= min_score]
    held = {each.chunk_id: _holds(each, named) for each in passages}
    kept = [each for each in passages if each.score >= min_score or held[each.chunk_id]]
    return sorted(kept, key=lambda each: not held[each.chunk_id])


def found_for(
    question: str,
    retrieve: Callable[[str, int], Sequence[Passage]],
    number: int,
    min_score: float,
    search_for: str = "",
) -> Sequence[Passage]:
    """Return the passages for a question, best first.

    Where none of them holds what the question names, those that do are looked for further down. `search_for`: the query
    if it is another text than the question.
    """
    query = search_for or question
    passages = retrieve(query, number)
    named = identifiers(question)
    if _names_one(question, named) and not any(_holds(each, named) for each in passages):
        passages = [*(each for each in retrieve(query, number * FURTHER) if _holds(each, named)), *passages]
    return named_first(question, passages, min_score)[:number]


def _names_one(question: str, named: Identifiers) -> bool:
    """Return whether a question names one thing or person: by a code, or by two words of a name side by side."""
    found = _FULL_NAME.search(question, 1)
    return bool(named.codes) or (found is not None and frozenset(map(stem, tokens(found[0]))) <= named.names)


def _holds(passage: Passage, named: Identifiers) -> bool:
    """Return whether a passage holds the codes of a question, or where it has none, all its names in one line."""
    head = "\n".join([passage.title, *passage.heading])
    if named.codes:
        return named.coded_in(f"{head}\n{passage.text}")
    return any(named.named_in(stems(line)) for line in passage.text.splitlines())
