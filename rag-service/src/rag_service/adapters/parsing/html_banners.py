"""Finds the banners of a web page that ask for a consent to cookies: they are no part of its text."""

import re
from collections.abc import Iterator
from typing import Any

MAX_BANNER_CHARACTERS = 1_500
MAX_BUTTONS = 200
MAX_LEVELS = 6
_COOKIES = re.compile(
    r"cookie|кук|ciastecz|evästee|\bsüti|informasjonskapsl|\bkakor\b|küpsis|slapuk|クッキー|쿠키|piškot|kolačić"
    r"|קוקי|ملفات تعريف",
    re.IGNORECASE,
)
_ACCEPTS = re.compile(
    r"\s*(?:(?:i |we )?(?:accept|agree|allow|consent|reject|decline|deny|refuse)|got it|ok(?:ay)?\b"
    r"|understood|only (?:necessary|essential)"
    r"|necessary only|(?:alle )?akzeptier|(?:allen )?zustimm|einverstanden|(?:alle )?ablehn"
    r"|(?:alles )?verstanden|nur notwendig"
    r"|(?:tout |j.)?accepte|(?:tout )?refuse|aceptar?|rechaza|acce(?:tta|tto)|rifiuta|(?:alles "
    r"|alle )?accepteren|weiger|akkoord"
    r"|(?:za)?akceptuj|zgadzam|odrzu|přij|souhlas|odmít|prij[aí]|elfogad|godkänn|accepter|tillad|godta"
    r"|hyväksy|recusar"
    r"|sunt de acord|kabul|приня|соглас|понятно|погоджу|αποδ[οέ]χ|同意|接受|許可|동의|수락)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:cookies?|cookie[a-z]*|gdpr|onetrust|cc-window|cc-banner|cookiebot|consent)(?:$|[\s_-])"
    r"|cookie-?_?(?:banner|bar|notice|consent|law|popup|hint)",
    re.IGNORECASE,
)
_BOXES = frozenset({"div", "section", "aside", "dialog", "form", "footer", "header", "p"})
_PLACES = frozenset({"body", "html", "main", "article"})


def banners(tree: Any) -> dict[int, Any]:
    """Return a page's banners by their identity."""
    found: dict[int, Any] = {}
    for button in tree.css("button, a, input, [role=button]")[: MAX_BUTTONS * 20]:
        if len(found) >= MAX_BUTTONS:
            break
        label = button.attributes.get("value") or "" if button.tag == "input" else _text(button, 60)
        if len(label) < 60 and _ACCEPTS.match(label) and (box := _box(button)) is not None:
            found[box.mem_id] = box
    for node in tree.css("[id*=cookie i], [class*=cookie i], [class*=consent i], [id*=consent i], [id*=onetrust i]"):
        named = f"{node.attributes.get('id') or ''} {node.attributes.get('class') or ''}"
        if node.tag in _BOXES and _NAMED.search(named) and _is_banner(node) and _has_button(node):
            found[node.mem_id] = node
    return found


def _box(button: Any) -> Any | None:
    """Return the smallest element around a button that speaks of cookies."""
    box = button.parent
    for _ in range(MAX_LEVELS):
        if box is None or box.tag in _PLACES:
            return None
        if box.tag in _BOXES:
            text = _text(box, MAX_BANNER_CHARACTERS)
            if len(text) > MAX_BANNER_CHARACTERS:
                return None
            if _COOKIES.search(text):
                return box
        box = box.parent
    return None


def _is_banner(node: Any) -> bool:
    text = _text(node, MAX_BANNER_CHARACTERS)
    return len(text) <= MAX_BANNER_CHARACTERS and bool(_COOKIES.search(text))


def _has_button(node: Any) -> bool:
    return any(_ACCEPTS.match(_text(each, 60)) for each in node.css("button, a, [role=button]")[:20])


def _text(root: Any, most: int) -> str:
    """Return an element's text, no more than a little over so many characters."""
    parts: list[str] = []
    left = most
    for text in _texts(root):
        parts.append(text)
        left -= len(text)
        if left < 0:
            break
    return " ".join("".join(parts).split()) if left >= 0 else "".join(parts)


def _texts(root: Any) -> Iterator[str]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_text_node:
            yield node.text(deep=False)
        elif node.tag not in ("script", "style"):
            child = node.last_child
            while child is not None:
                stack.append(child)
                child = child.prev
