"""Reads a page's definition lists: terms with their definitions, or questions with their answers."""

from collections.abc import Iterator, Sequence
from typing import Any

from rag_service.adapters.parsing.answer import Answer
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.questions import asks, question_mark

MAX_ROW_CHARACTERS = 600


def definitions(root: Any) -> Iterator[tuple[list[Any], list[Any]]]:
    """Yield the elements of each term (one or several of them) and those of its definitions."""
    terms: list[Any] = []
    nodes: list[Any] = []
    for node in _entries(root):
        if node.tag == "dt":
            if nodes:
                yield terms, nodes
                terms, nodes = [], []
            terms.append(node)
        else:
            nodes.append(node)
    if terms or nodes:
        yield terms, nodes


def _entries(root: Any) -> Iterator[Any]:
    """Yield the elements of a definition list; each term with its definitions may be in a `div`."""
    child = root.child
    while child is not None:
        if child.tag == "div":
            inner = child.child
            while inner is not None:
                yield inner
                inner = inner.next
        elif child.is_element_node or child.text(deep=False).strip():
            yield child
        child = child.next


def write_definitions(outline: Outline | Answer, entries: Sequence[tuple[str, Answer]]) -> None:
    """Add questions with their answers; add short definitions as rows `term: definition`, long ones as paragraphs."""
    rows: list[str] = []
    for term, answer in entries:
        text = answer.text
        if term and text and (asks(term) or question_mark(term)):
            if rows:
                outline.add_rows(rows)
                rows = []
            answer.write(outline, term)
        elif term and text and len(text) <= MAX_ROW_CHARACTERS and answer.is_whole and not answer.has_rows:
            rows.append(f"{term.rstrip(' :')}: {' '.join(text.split())}")
        else:
            if rows:
                outline.add_rows(rows)
                rows = []
            if term:
                outline.add(term, stands_out=True)
            answer.replay(outline)
    if rows:
        outline.add_rows(rows)
