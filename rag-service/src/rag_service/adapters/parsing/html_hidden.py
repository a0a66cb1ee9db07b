"""Detects the elements of a web page that a reader does not see."""

import re
from collections.abc import Mapping

from rag_service.adapters.parsing.html_styles import HIDES, WHITE, StyleSheets
from rag_service.adapters.parsing.html_styles import colours as declares_colour

NEVER_SHOWN = frozenset({
    "head", "script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "canvas", "audio",
    "video", "nav", "datalist", "param", "source",
})  # fmt: skip
MAX_STYLE_CHARACTERS = 2_000
_WHITE_TEXT = re.compile(rf"(?:^|[;\s])color\s*:\s*{WHITE}", re.IGNORECASE)

Attributes = Mapping[str, str | None]


class Hidden:
    """Detects elements hidden by attributes, or by a simple rule (`.name`, `#name`) of the page's style sheets."""

    def __init__(self, styles: str) -> None:
        self._sheets = StyleSheets(styles)

    def hides(self, tag: str, attributes: Attributes, *, on_colour: bool) -> bool:
        """Return whether an element and its content are hidden.

        `on_colour`: the element is on a background that is not white.
        """
        if tag in NEVER_SHOWN:
            return True
        if not attributes:
            return False
        if "hidden" in attributes or (attributes.get("aria-hidden") or "").strip().lower() == "true":
            return True
        if (attributes.get("role") or "").strip().lower() == "navigation":
            return True
        style = (attributes.get("style") or "")[:MAX_STYLE_CHARACTERS]
        if HIDES.search(style):
            return True
        colour = f"color:{attributes['color']}" if tag == "font" and attributes.get("color") else style
        if _WHITE_TEXT.search(colour) and not (on_colour or self.colours(tag, attributes)):
            return True
        return bool(self._sheets.hiding) and not self._sheets.hiding.isdisjoint(names(attributes))

    def colours(self, tag: str, attributes: Attributes) -> bool:
        """Return whether an element has its own background that is not white, by its attributes or by a rule."""
        if colours(attributes):
            return True
        coloured = self._sheets.coloured
        return bool(coloured) and (tag in coloured or not coloured.isdisjoint(names(attributes)))


def colours(attributes: Attributes) -> bool:
    """Return whether an element's attributes give it a background that is not white."""
    if not attributes:
        return False
    style = f"{(attributes.get('style') or '')[:MAX_STYLE_CHARACTERS]};background:{attributes.get('bgcolor') or 'none'}"
    return declares_colour(style)


def names(attributes: Attributes) -> list[str]:
    """Return an element's classes and id as selectors name them."""
    found = [f".{name}" for name in (attributes.get("class") or "").split()]
    return [*found, f"#{attributes['id']}"] if attributes.get("id") else found
