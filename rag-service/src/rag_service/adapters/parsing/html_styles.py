"""The rules of a page's style sheets that decide what a reader sees: what they hide, show again, and colour."""

import re
from collections.abc import Iterator

MAX_STYLESHEET_CHARACTERS = 1_000_000
HIDES = re.compile(
    r"(?P<display>display\s*:\s*none)|(?P<visibility>visibility\s*:\s*(?:hidden|collapse))"
    r"|(?P<opacity>opacity\s*:\s*0*\.?0*(?![\d.]))"
    r"|font-size\s*:\s*(?:0*\.\d+(?:px|pt)|0+(?:\.0*)?(?:px|pt|em|rem|%)?(?![\d.])|0*1(?:px|pt))"
    r"|(?:left|top|right|text-indent)\s*:\s*-\d{3,}|content-visibility\s*:\s*hidden|clip-path\s*:\s*inset\(\s*(?:50|100)%",
    re.IGNORECASE,
)
_SHOWS = re.compile(
    r"(?P<display>display\s*:\s*(?!none)[a-z])|(?P<visibility>visibility\s*:\s*visible)"
    r"|(?P<opacity>opacity\s*:\s*(?:0*1|0?\.\d*[1-9]))",
    re.IGNORECASE,
)
WHITE = (
    r"(?:#fff(?:f|fff|fffff)?(?![0-9a-f])|white(?![\w-])|transparent"
    r"|rgba?\(\s*255[\s,]+255[\s,]+255[^)]*\)|rgba\([^)]*,\s*0(?:\.0*)?\s*\))"
)
_BACKGROUND = re.compile(r"background(?:-color|-image)?\s*:\s*([^;]+)", re.IGNORECASE)
_ONLY_WHITE = re.compile(rf"\s*(?:{WHITE}|none|inherit|initial|unset|revert)\s*(?:!important)?\s*", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SIMPLE = re.compile(r"(?:[a-z][a-z0-9]*)?([.#][\w-]+)", re.IGNORECASE)
_NAMES = re.compile(r"(?<![\w.#-])[a-z][a-z0-9-]*|[.#][\w-]+", re.IGNORECASE)
_PSEUDO = re.compile(r"::?[\w-]+(?:\([^)]*\))?|\[[^\]]*\]")
_COMBINATOR = re.compile(r"[\s>+~]+")
_BRACES = re.compile(r"([{}])")
_OTHER = "other"


class StyleSheets:
    """The effects of a page's style sheets on elements, looked up by class (`.name`), id (`#name`) and tag."""

    def __init__(self, styles: str) -> None:
        """`styles`: all style sheets in their order."""
        self.coloured: set[str] = set()
        """Elements with a background that is not white. A rule for some of them counts for all: it reveals text."""
        hidden: dict[str, set[str]] = {}
        shown: dict[str, set[str]] = {}
        for selectors, declarations, everywhere in _rules(styles[:MAX_STYLESHEET_CHARACTERS]):
            hides, shows = _properties(HIDES, declarations), _properties(_SHOWS, declarations)
            is_coloured = colours(declarations)
            if not (hides or shows or is_coloured):
                continue
            for selector in selectors:
                last = _names(selector)
                if is_coloured:
                    self.coloured.update(last)
                simple = _SIMPLE.fullmatch(selector) if everywhere else None
                if simple:
                    # Of two rules for one class the last counts.
                    hidden.setdefault(simple[1], set()).difference_update(shows)
                    hidden[simple[1]].update(hides)
                else:
                    # Such a rule holds sometimes: after a click, on a wide screen, for one of the elements.
                    for name in last:
                        shown.setdefault(name, set()).update(shows)
        self.hiding = frozenset(name for name, ways in hidden.items() if ways - shown.get(name, set()))


def colours(declarations: str) -> bool:
    """Return whether declarations set a background that is not white."""
    return any(not _ONLY_WHITE.fullmatch(value) for value in _BACKGROUND.findall(declarations))


def _rules(styles: str) -> Iterator[tuple[list[str], str, bool]]:
    """Yield each rule's selectors and declarations, and whether it holds on every screen: outside of `@media`."""
    before = ""
    preludes: list[str] = []
    for piece in _BRACES.split(_COMMENT.sub("", styles)):
        if piece == "{":
            preludes.append(before.strip())
        elif piece == "}":
            prelude = preludes.pop() if preludes else ""
            if prelude and not prelude.startswith("@"):
                yield [part.strip() for part in prelude.rpartition(";")[2].split(",")], before, not preludes
            before = ""
        else:
            before = piece


def _properties(pattern: "re.Pattern[str]", declarations: str) -> set[str]:
    return {found.lastgroup or _OTHER for found in pattern.finditer(declarations)}


def _names(selector: str) -> list[str]:
    """Return the class, id and tag names of the elements that a selector selects: of its last part."""
    parts = _COMBINATOR.split(_PSEUDO.sub("", selector).strip())
    return [name if name[0] in ".#" else name.lower() for name in _NAMES.findall(parts[-1])]
