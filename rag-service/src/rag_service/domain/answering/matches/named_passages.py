"""Orders passages by whether they hold what a question names."""

import re
from collections.abc import Callable, Sequence

from rag_service.domain.answering.language.identifiers import Identifiers, identifiers
from rag_service.domain.answering.language.passage_language import in_order_of_language
from rag_service.domain.answering.language.text_features import stem, stems, tokens
from rag_service.domain.languages import ENGLISH, language_of
from rag_service.domain.passage import Passage

FURTHER = 4
"""How many times as many passages are looked at for a name or code that the best ones lack, or in another language
than English."""
FEW = 6
"""As many passages are read where there are as many with the lower score."""
LOWER = 0.3
"""The share of the least score from which a passage is read if there are only few."""
_FULL_NAME = re.compile(r"[^\W\d_a-zß][\w'’-]+(?: [^\W\d_a-zß][\w'’-]+)+")
"""Words of a name, such as a person's, that tells one row from others."""


def named_first(
    question: str, passages: Sequence[Passage], min_score: float = 0.0, *, fill: bool = False
) -> Sequence[Passage]:
    """Return the passages, first those that hold what the question names: a code is worth more than a near subject.

    Passages below `min_score` are left out, unless they hold a code or a whole name of the question. `fill`: or there
    are only few others: a question in quite other words than the documents' scores low everywhere.
    """
    named = identifiers(question)
    if not _names_one(question, named):
        return _scored(passages, min_score, fill=fill)
    held = {each.chunk_id: _holds(each, named) for each in passages}
    kept = {each.chunk_id for each in _scored(passages, min_score, fill=fill)}
    found = [each for each in passages if each.chunk_id in kept or held[each.chunk_id]]
    return sorted(found, key=lambda each: not held[each.chunk_id])


def _scored(passages: Sequence[Passage], min_score: float, *, fill: bool) -> list[Passage]:
    least = min_score * LOWER if fill else min_score
    found: list[Passage] = []
    for each in passages:
        if each.score >= min_score or (each.score >= least and len(found) < FEW):
            found.append(each)
    return found


def found_for(
    question: str,
    retrieve: Callable[[str, int], Sequence[Passage]],
    number: int,
    min_score: float,
    search_for: str = "",
    *,
    fill: bool = False,
) -> Sequence[Passage]:
    """Return the passages for a question, best first.

    Where none of them holds what the question names, those that do are looked for further down. `search_for`: the query
    if it is another text than the question. `fill`: as in `named_first`.
    """
    query = search_for or question
    is_english = language_of(question) in (None, ENGLISH)
    passages = in_order_of_language(question, retrieve(query, number if is_english else number * FURTHER))
    named = identifiers(question)
    if is_english and _names_one(question, named) and not any(_holds(each, named) for each in passages):
        passages = [*(each for each in retrieve(query, number * FURTHER) if _holds(each, named)), *passages]
    return named_first(question, passages, min_score, fill=fill)[:number]


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
