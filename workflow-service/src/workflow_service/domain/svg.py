"""The drawing of a workflow as SVG: one file without scripts, styles, fonts or addresses."""

import unicodedata
from xml.sax.saxutils import escape

from workflow_service.domain.definition import Definition, Step
from workflow_service.domain.layout import BOX_HEIGHT, BOX_WIDTH, Layout, Point, Route, layout

MARGIN = 24
LINE_WIDTH = 27
"""How many narrow characters fit into a line of a box; a wide one counts twice."""
LABEL_WIDTH = 22
LINE_HEIGHT = 16
INK, LINES, PAPER, START, END = "#1f2933", "#52606d", "#ffffff", "#e3f2e6", "#e8eaed"
FONT = 'font-family="system-ui, sans-serif"'
JOINERS = "\u200c\u200d"


def svg(name: str, definition: Definition) -> str:
    """Return the graph of a workflow as an SVG document. Texts are escaped; long ones are cut, and whole in a title."""
    drawn = layout(definition)
    left, top, width, height = _frame(drawn)
    steps = [_box(step, drawn.centers[step.name], definition) for step in definition.steps]
    routes = [_path(route) for route in drawn.routes]
    labels = [_label(route) for route in drawn.routes if route.transition.name != route.transition.target]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{_n(left)} {_n(top)} {_n(width)} {_n(height)}"'
        f' width="{_n(width)}" height="{_n(height)}" role="img" {FONT} font-size="13" fill="{INK}">',
        f"<title>{_text(name)}</title>",
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8"'
        f' orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="{LINES}"/></marker></defs>',
        f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(width)}" height="{_n(height)}" fill="{PAPER}"/>',
        *routes,
        *steps,
        *labels,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _frame(drawn: Layout) -> tuple[float, float, float, float]:
    points = [point for route in drawn.routes for point in route.points]
    xs = [x + side for x, _ in drawn.centers.values() for side in (-BOX_WIDTH / 2, BOX_WIDTH / 2)]
    ys = [y + side for _, y in drawn.centers.values() for side in (-BOX_HEIGHT / 2, BOX_HEIGHT / 2)]
    xs += [x + side for x, _ in points for side in (-BOX_WIDTH / 2, BOX_WIDTH / 2)]
    left, top = min(xs) - MARGIN, min(ys) - MARGIN
    return left, top, max(xs) + MARGIN - left, max(ys) + MARGIN - top


def _box(step: Step, center: Point, definition: Definition) -> str:
    x, y = center
    fill = START if step is definition.start else END if step is definition.end else PAPER
    lines = _wrapped(step.name, LINE_WIDTH)
    below = ", ".join([step.role, *["approval"] * step.requires_approval])
    first = y - (len(lines) - 1) * LINE_HEIGHT / 2 - 4
    texts = [
        f'<text x="{_n(x)}" y="{_n(first + number * LINE_HEIGHT)}" font-weight="600">{_text(line)}</text>'
        for number, line in enumerate(lines)
    ]
    role_y = first + (len(lines) - 1) * LINE_HEIGHT + LINE_HEIGHT
    texts.append(f'<text x="{_n(x)}" y="{_n(role_y)}" font-size="11" fill="{LINES}">{_text(below)}</text>')
    return (
        f'<g text-anchor="middle"><title>{_text(step.name)}</title>'
        f'<rect x="{_n(x - BOX_WIDTH / 2)}" y="{_n(y - BOX_HEIGHT / 2)}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}"'
        f' rx="8" fill="{fill}" stroke="{INK}" stroke-width="{2 if fill != PAPER else 1}"/>' + "".join(texts) + "</g>"
    )


def _path(route: Route) -> str:
    """Draw a way: curves between the layers, straight lines through them. A way back is dashed."""
    (x, y), *rest = route.points
    parts = [f"M{_n(x)} {_n(y)}"]
    for next_x, next_y in rest:
        half = (y + next_y) / 2
        curve = f"C{_n(x)} {_n(half)} {_n(next_x)} {_n(half)} {_n(next_x)} {_n(next_y)}"
        parts.append(f"L{_n(next_x)} {_n(next_y)}" if x == next_x else curve)
        x, y = next_x, next_y
    tip = "marker-start" if route.is_back else "marker-end"
    dashes = ' stroke-dasharray="6 4"' if route.is_back else ""
    title = f"{route.transition.source} → {route.transition.target}: {route.transition.name}"
    return (
        f'<path d="{"".join(parts)}" fill="none" stroke="{LINES}" stroke-width="1.5" {tip}="url(#tip)"{dashes}>'
        f"<title>{_text(title)}</title></path>"
    )


def _label(route: Route) -> str:
    """Write a way's name where it leaves its step: between the layers, with the paper's color around it."""
    near, far = route.points[:2] if not route.is_back else (route.points[-1], route.points[-2])
    x, y = (near[0] + far[0]) / 2, (near[1] + far[1]) / 2
    line = _wrapped(route.transition.name, LABEL_WIDTH)[0]
    return (
        f'<text x="{_n(x)}" y="{_n(y + 4)}" text-anchor="middle" font-size="11" stroke="{PAPER}" stroke-width="4"'
        f' paint-order="stroke">{_text(line)}</text>'
    )


def _wrapped(text: str, width: int) -> list[str]:
    """Return a text in at most two lines, between words where there are some; what doesn't fit is cut."""
    lines, line = [], ""
    for word in _plain(text).split():
        joined = f"{line} {word}" if line else word
        if _width(joined) <= width or not line:
            line = joined
        else:
            lines.append(line)
            line = word
    lines = [*lines, line]
    most = 2 if width == LINE_WIDTH else 1
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [_cut(each, width) for each in lines]


def _cut(line: str, width: int) -> str:
    if _width(line) <= width:
        return line
    while line and _width(line) > width - 1:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _plain(text: str) -> str:
    """Return a text without what XML forbids and what changes the direction or the look of others."""
    return "".join(" " if _is_unwanted(character) else character for character in text)


def _is_unwanted(character: str) -> bool:
    category = unicodedata.category(character)
    return (category.startswith("C") and character not in JOINERS) or character in "\ufffe\uffff\u2028\u2029"


def _text(text: str) -> str:
    return escape(" ".join(_plain(text).split()))


def _n(number: float) -> str:
    """Return a coordinate with at most one decimal."""
    return f"{number:.1f}".removesuffix(".0")
