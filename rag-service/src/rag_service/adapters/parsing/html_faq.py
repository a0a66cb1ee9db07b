"""Finds questions with their answers by a page's elements: accordions, microdata, and elements named so."""

import re
from dataclasses import dataclass, replace
from typing import Any

from rag_service.adapters.parsing.html_hidden import Attributes
from rag_service.adapters.parsing.html_panels import Panels, label, opens, toggles
from rag_service.adapters.parsing.questions import asks, question_mark, says_faq

MAX_LEVELS = 3
MAX_TERM_CHARACTERS = 160
MAX_FEW_CHARACTERS = 1_500
"""A longer text behind a button that is no question is a chapter."""
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_PLAIN_QUESTIONS = frozenset({"details", "button", *_HEADINGS})
"""Elements that may begin a question without attributes."""
_EDGE, _END = r"(?:^|[\s_-])", r"(?:$|[\s_-])"
_QUESTION_NAME = re.compile(
    rf"{_EDGE}(?:faq-?_?q|(?:faq-?_?)?question|frage|pregunta|domanda|vraag){_END}", re.IGNORECASE
)
_ANSWER_NAME = re.compile(
    rf"{_EDGE}(?:faq-?_?a|(?:faq-?_?)?answer|antwort|reponse|respuesta|risposta|antwoord){_END}", re.IGNORECASE
)


@dataclass(frozen=True)
class Asked:
    """A question of a page, and the elements that hold its answer."""

    question: str
    answers: tuple[Any, ...]
    is_question: bool
    """False for a button such as `Lost badge`, whose panel is short enough to be its answer."""
    opens: bool = False
    """A click shows the answer's element, be it hidden before."""


class Questions:
    """Recognises the questions of a page."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels

    def at(self, node: Any, attributes: Attributes) -> Asked | None:
        """Return the question that begins with an element; `attributes`: its own."""
        tag = node.tag
        if not attributes and tag not in _PLAIN_QUESTIONS:
            return None
        if tag == "details":
            return self._details(node)
        if attributes and "schema.org/question" in (attributes.get("itemtype") or "").lower():
            return _microdata(node)
        if attributes and _QUESTION_NAME.search(attributes.get("class") or "") and (found := _named(node)):
            return found
        button = node
        if tag in _HEADINGS:
            button = next((each for each in _elements(node) if toggles(each)), node)
        panel = self._panels.panel(button) if toggles(button) else None
        if panel is None:
            return None
        sure = tag not in _HEADINGS and opens(button, panel) and _is_one_of_many(node)
        found = _asked(label(node), (panel,), sure=sure)
        return replace(found, opens=True) if found else None

    def _details(self, node: Any) -> Asked | None:
        summary = next((each for each in _elements(node) if each.tag == "summary"), None)
        if summary is None:
            return None
        rest = tuple(each for each in _nodes(node) if each.mem_id != summary.mem_id)
        others = [each for each in _siblings(node) if each.tag == "details"]
        return _asked(label(summary), rest, sure=bool(others))


def _asked(question: str, answers: tuple[Any, ...], *, sure: bool) -> Asked | None:
    if not question:
        return None
    if asks(question) or question_mark(question):
        return Asked(question, answers, True)
    is_term = sure and len(question) <= MAX_TERM_CHARACTERS and not says_faq(question)
    return Asked(question, answers, False) if is_term and any(letter.isalpha() for letter in question) else None


def _is_one_of_many(node: Any) -> bool:
    """Return whether another button with a panel stands beside this one."""
    item = node
    for _ in range(MAX_LEVELS):
        if item is None or item.tag in ("body", "main", "form", "header", "footer"):
            return False
        name = (item.attributes.get("class") or "").split()[:1]
        if any(each.tag == item.tag and (each.attributes.get("class") or "").split()[:1] == name
               for each in _siblings(item)):  # fmt: skip
            return True
        item = item.parent
    return False


def _microdata(node: Any) -> Asked | None:
    name, answer = node.css_first("[itemprop=name]"), node.css_first("[itemprop=acceptedAnswer]")
    if name is None or answer is None:
        return None
    return Asked(label(name), (answer,), True) if label(name) else None


def _named(node: Any) -> Asked | None:
    """Return the question of an element that is named so, if the next one is named an answer."""
    following = node.next
    while following is not None and not following.is_element_node:
        following = following.next
    if following is None or not _ANSWER_NAME.search(following.attributes.get("class") or ""):
        return None
    question = label(node)
    return Asked(question, (following,), True) if question else None


def _siblings(node: Any) -> list[Any]:
    """Return the nearest elements beside one, two on each side."""
    found = []
    for step in ("prev", "next"):
        each, left = getattr(node, step), 8
        while each is not None and left:
            if each.is_element_node:
                found.append(each)
            each, left = getattr(each, step), left - 1
    return found


def _elements(node: Any) -> list[Any]:
    return [each for each in _nodes(node) if each.is_element_node]


def _nodes(node: Any) -> list[Any]:
    found = []
    child = node.child
    while child is not None:
        found.append(child)
        child = child.next
    return found
