"""Finds what a click shows on a web page: the panels of accordions and tabs, and the buttons that open them."""

import re
from collections.abc import Iterator
from typing import Any

from rag_service.adapters.parsing.html_hidden import MAX_STYLE_CHARACTERS, names
from rag_service.adapters.parsing.html_styles import HIDES
from rag_service.adapters.parsing.questions import asks

MAX_CONTROLS = 20_000
MAX_SCRIPT_CHARACTERS = 1_000_000
MAX_LOOKED_AT = 12
"""Elements before a hidden one that are looked at for a button."""
MAX_LEVELS = 3
MAX_LABEL_CHARACTERS = 300
MAX_LABEL_NODES = 60
_TARGETS = (
    "aria-controls", "aria-owns", "data-target", "data-bs-target", "data-toggle-target", "data-accordion-target",
)  # fmt: skip
_CONTROLS = ",".join(f"[{name}]" for name in _TARGETS)
_PANELS = frozenset({"div", "section", "p", "ul", "ol", "dd", "article", "table"})
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_TOGGLE_NAME = re.compile(r"accordion|toggle|collaps|faq|question|expand|spoiler|trigger", re.IGNORECASE)
_BUTTON_NAME = re.compile(
    r"(?:accordion|collaps|faq|toggle|expand|spoiler)\w*[-_]{0,2}\w*(?:title|head|button|toggle|trigger|link|control|label)"
    r"|^(?:toggle|trigger|collapsible)$",
    re.IGNORECASE,
)
_PANEL_NAME = re.compile(r"panel|collaps|accordion|answer", re.IGNORECASE)
_CALL = re.compile(r"(\.?)(?<![\w$])([A-Za-z_$][\w$]{0,40})\(\s*[\"'`]([^\"'`\n]{1,200})[\"'`]")
"""A call with a quoted first argument: `getElementById("a")`, `$(".a")`, `toggle('a')`."""
_FINDS_BY_NAME = frozenset({"getElementById", "getElementsByClassName"})
_FINDS_BY_SELECTOR = frozenset({
    "querySelector", "querySelectorAll", "closest", "find", "next", "nextAll", "children", "siblings", "filter",
})  # fmt: skip
_OTHER_CALL = re.compile(r"class|attr|event|log|alert|print|import|require|fetch", re.IGNORECASE)
_SELECTED = re.compile(r"[.#]([A-Za-z_][\w-]{0,60})")
_TOKEN = re.compile(r"[A-Za-z_][\w-]{0,60}")
_SIGNS = re.compile(r"^[^\w¿(\"„“«']+|(?<=[?？؟\w)\"'”»])[\s+\-–−×▾▸▼▶›»⌄∨]+$")


class Panels:
    """The panels of a page, and which element opens each."""

    def __init__(self, tree: Any) -> None:
        """`tree`: the parsed page."""
        self._controlled: set[str] = set()
        for node in tree.css(_CONTROLS)[:MAX_CONTROLS]:
            for name in _TARGETS:
                for target in (node.attributes.get(name) or "").split():
                    self._controlled.add(target if target[0] in ".#" else f"#{target}")
        scripts = "\n".join(node.text(deep=True) for node in tree.css("script"))[:MAX_SCRIPT_CHARACTERS]
        clicks = " ".join(node.attributes.get("onclick") or "" for node in tree.css("[onclick]")[:MAX_CONTROLS])
        self._scripted = _handled(scripts) | _handled(clicks[:MAX_SCRIPT_CHARACTERS])
        self._ids = {f"#{node.attributes.get('id')}" for node in tree.css("[id]")} if self._controlled else set()

    def shows(self, node: Any) -> bool:
        """Return whether a click shows an element that is hidden at first."""
        attributes = node.attributes
        own = names(attributes)
        if not self._controlled.isdisjoint(own) or (attributes.get("role") or "") == "tabpanel":
            return True
        if (attributes.get("hidden") or "").lower() == "until-found":
            return True
        if "aria-hidden" not in attributes and any(name[1:] in self._scripted for name in own):
            return True
        return self._follows_button(node)

    def _follows_button(self, node: Any) -> bool:
        """Return whether the element before a hidden one opens it: a button, a heading with one, or a question."""
        before = node.prev
        while before is not None and not before.is_element_node:
            if before.is_text_node and before.text(deep=False).strip():
                return False
            before = before.prev
        if before is None or before.tag in ("details", "summary"):
            # They show what is within the details alone.
            return False
        if toggles(before):
            return not self._opens_other(before)
        text = label(before)
        if text and not _is_hidden(before.attributes) and any(
            toggles(each) and each.tag != "summary" and not self._opens_other(each) and not _panel_within(each, before)
            for each in _first_elements(before)
        ):  # fmt: skip
            return True
        if before.tag in _HEADINGS or before.tag == "dt":
            return asks(text) and any(map(names, (node.attributes, before.attributes)))
        return before.tag in ("p", "div", "a", "span", "li") and asks(text) and _is_accordion(node, before)

    def _opens_other(self, button: Any) -> bool:
        """Return whether a button names another element of the page that it opens."""
        named = [each for name in _TARGETS for each in (button.attributes.get(name) or "").split()]
        return any(each[0] == "." or f"#{each.removeprefix('#')}" in self._ids for each in named)

    def panel(self, node: Any) -> Any | None:
        """Return the element that a button opens, else None."""
        if not toggles(node):
            return None
        current = node
        for _ in range(MAX_LEVELS):
            following = _next(current)
            if following is not None:
                return following if following.tag in _PANELS and not toggles(following) else None
            current = current.parent
            if (
                current is None
                or current.tag in ("body", "main", "article", "li", "form", "details")
                or _has_more(current, node)
            ):
                return None
        return None


def toggles(node: Any) -> bool:
    """Return whether an element opens another by a click."""
    if node.tag in ("button", "summary"):
        return True
    attributes = node.attributes
    if not attributes:
        return False
    if {"aria-expanded", "onclick", *_TARGETS} & set(attributes):
        return True
    if node.tag == "input":
        return (attributes.get("type") or "").lower() in ("checkbox", "radio")
    if node.tag == "label":
        return "for" in attributes
    if (attributes.get("role") or "").lower() in ("button", "tab"):
        return True
    classes = (attributes.get("class") or "").split()
    if any(_BUTTON_NAME.search(name) for name in classes):
        return bool(label(node))
    return any(_TOGGLE_NAME.search(name) for name in classes) and asks(label(node))


def opens(button: Any, panel: Any) -> bool:
    """Return whether attributes or names say that a button opens the element behind it."""
    attributes = button.attributes
    if {"aria-expanded", *_TARGETS} & set(attributes):
        return True
    return bool(
        _TOGGLE_NAME.search(attributes.get("class") or "") or _PANEL_NAME.search(panel.attributes.get("class") or "")
    )


def label(node: Any) -> str:
    """Return a button's text without the signs that stand for opening; empty where it is longer than a label."""
    text = " ".join("".join(_texts(node)).split())
    return _SIGNS.sub("", text) if len(text) <= MAX_LABEL_CHARACTERS else ""


def _handled(script: str) -> frozenset[str]:
    """Return the ids and classes of the elements that a script looks up.

    A class that it only sets (`classList.toggle("hidden")`) says nothing of which elements a click shows.
    """
    found: set[str] = set()
    for dot, name, argument in _CALL.findall(script):
        own = not dot and not _OTHER_CALL.search(name)
        if own or name in _FINDS_BY_SELECTOR:
            found.update(_SELECTED.findall(argument))
        if name in _FINDS_BY_NAME or (own and name not in ("$", "jQuery")):
            found.update(each for each in argument.split() if _TOKEN.fullmatch(each))
    return frozenset(found)


def _is_hidden(attributes: Any) -> bool:
    return "hidden" in attributes or bool(HIDES.search((attributes.get("style") or "")[:MAX_STYLE_CHARACTERS]))


def _panel_within(button: Any, root: Any) -> bool:
    """Return whether a button within an element has its panel there too, so that it opens nothing behind it."""
    current = button
    for _ in range(MAX_LOOKED_AT):
        if current is None or current.mem_id == root.mem_id:
            return False
        following = _next(current)
        if following is not None and following.tag in _PANELS and not toggles(following):
            return True
        current = current.parent
    return True


def _is_accordion(panel: Any, before: Any) -> bool:
    """Return whether classes say that an element is opened by a question before it."""
    classes = " ".join((each.attributes.get("class") or "") for each in (panel, before, panel.parent) if each)
    return bool(_PANEL_NAME.search(classes) or _TOGGLE_NAME.search(classes))


def _next(node: Any) -> Any | None:
    following = node.next
    while following is not None:
        if following.is_text_node and following.text(deep=False).strip():
            return None
        if following.is_element_node:
            return following
        following = following.next
    return None


def _has_more(parent: Any, node: Any) -> bool:
    """Return whether an element holds text beside a button's."""
    return "".join("".join(_texts(parent)).split()) != "".join("".join(_texts(node)).split())


def _texts(root: Any) -> Iterator[str]:
    """Yield an element's texts, no more than tell whether it is a label: a page may hold ten thousand buttons."""
    left, stack = MAX_LABEL_CHARACTERS, [root]
    for _ in range(MAX_LABEL_NODES):
        if not stack or left < 0:
            return
        node = stack.pop()
        if node.tag == "-text":
            text = node.text(deep=False)
            left -= len(text.strip())
            yield text
        elif node.tag not in ("svg", "script", "style", "select"):
            stack.extend(list(_children(node))[::-1])


def _first_elements(root: Any) -> Iterator[Any]:
    """Yield the first elements inside of one."""
    stack = [root]
    for _ in range(MAX_LOOKED_AT):
        if not stack:
            return
        node = stack.pop()
        if node is not root and node.is_element_node:
            yield node
        stack.extend(list(_children(node))[::-1])


def _children(node: Any) -> Iterator[Any]:
    child = node.child
    for _ in range(MAX_LABEL_NODES):
        if child is None:
            return
        yield child
        child = child.next
