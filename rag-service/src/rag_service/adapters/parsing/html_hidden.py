"""Detects the elements of a web page that a reader does not see."""

import re
from collections.abc import Mapping

NEVER_SHOWN = frozenset({
    "head", "script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "canvas", "audio",
    "video", "nav", "datalist", "param", "source",
})  # fmt: skip
MAX_STYLESHEET_CHARACTERS, MAX_STYLE_CHARACTERS = 1_000_000, 2_000
_HIDES = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0*(?![\d.])"
    r"|font-size\s*:\s*(?:0*\.\d+(?:px|pt)|0+(?:\.0*)?(?:px|pt|em|rem|%)?(?![\d.])|0*1(?:px|pt))"
    r"|(?:left|top|right|text-indent)\s*:\s*-\d{3,}|content-visibility\s*:\s*hidden|clip-path\s*:\s*inset\(\s*(?:50|100)%",
    re.IGNORECASE,
)
_WHITE = (
    r"(?:#fff(?:f|fff|fffff)?(?![0-9a-f])|white(?![\w-])|transparent"
    r"|rgba?\(\s*255[\s,]+255[\s,]+255[^)]*\)|rgba\([^)]*,\s*0(?:\.0*)?\s*\))"
)
_WHITE_TEXT = re.compile(rf"(?:^|[;\s])color\s*:\s*{_WHITE}", re.IGNORECASE)
_BACKGROUND = re.compile(r"background(?:-color|-image)?\s*:\s*([^;]+)", re.IGNORECASE)
_ONLY_WHITE = re.compile(rf"\s*(?:{_WHITE}|none|inherit|initial)\s*(?:!important)?\s*", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SIMPLE = re.compile(r"(?:[a-z][a-z0-9]*)?([.#][\w-]+)", re.IGNORECASE)
_BRACES = re.compile(r"([{}])")

Attributes = Mapping[str, str | None]


class Hidden:
    """Detects elements hidden by attributes, or by a simple rule (`.name`, `#name`) of the page's style sheets."""

    def __init__(self, styles: str) -> None:
        self._selectors = frozenset(_hiding_selectors(styles[:MAX_STYLESHEET_CHARACTERS]))

    def hides(self, tag: str, attributes: Attributes, *, on_colour: bool) -> bool:
        """Return whether an element and its content are hidden.

        `on_colour`: the element has a background that is not white.
        """
        if tag in NEVER_SHOWN:
            return True
        if not attributes:
            return False
        if "hidden" in attributes or (attributes.get("aria-hidden") or "").strip().lower() == "true":
            return True
        style = (attributes.get("style") or "")[:MAX_STYLE_CHARACTERS]
        if _HIDES.search(style):
            return True
        colour = f"color:{attributes['color']}" if tag == "font" and attributes.get("color") else style
        if _WHITE_TEXT.search(colour) and not (on_colour or colours(attributes)):
            return True
        return bool(self._selectors) and not self._selectors.isdisjoint(_names(attributes))


def colours(attributes: Attributes) -> bool:
    """Return whether an element has its own background that is not white."""
    style = f"{(attributes.get('style') or '')[:MAX_STYLE_CHARACTERS]};background:{attributes.get('bgcolor') or 'none'}"
    return any(not _ONLY_WHITE.fullmatch(value) for value in _BACKGROUND.findall(style))


def _names(attributes: Attributes) -> list[str]:
    names = [f".{name}" for name in (attributes.get("class") or "").split()]
    return [*names, f"#{attributes['id']}"] if attributes.get("id") else names


def _hiding_selectors(styles: str) -> list[str]:
    """Return the names that style sheets hide everywhere; rules inside `@media` are ignored."""
    found: list[str] = []
    depth, before = 0, ""
    preludes: list[str] = []
    for piece in _BRACES.split(_COMMENT.sub("", styles)):
        if piece == "{":
            preludes.append(before.strip())
            depth += 1
        elif piece == "}":
            prelude = preludes.pop() if preludes else ""
            if depth == 1 and not prelude.startswith("@") and _HIDES.search(before):
                found += [match[1] for part in prelude.split(",") if (match := _SIMPLE.fullmatch(part.strip()))]
            depth = max(0, depth - 1)
            before = ""
        else:
            before = piece
    return found
