"""The new part of a mail's text: without the mail that it answers, and without a signature."""

import re
from collections.abc import Callable

MARKER = "## Reply above this line ##"
"""Stands first in mails about tickets: what is below it in an answer was quoted."""
MAX_CHARACTERS = 64 * 1024
"""A longer text is kept as it is."""
MAX_LINE_CHARACTERS = 998
MIN_WORDS = 2
"""Where fewer words remain, all of the text is shown: a search that fails must not hide an answer."""
MAX_INTRODUCTION_LINES = 3
Strip = Callable[[str], str]
"""Returns a text without the quoted mail."""
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_QUOTE_MARKS = re.compile(r"[>|\s]*")
_GREETING = re.compile(r"[^>\s].{0,60}[,!]\s*")
_ADDRESS_OR_TIME = re.compile(r"@|\d[:.h]\d\d")
_QUOTED = "\n> quoted\n"


def new_text(text: str, strip: Strip) -> str:
    """Return the new part of a text; all of it where nothing was found, or too little would remain."""
    if len(text) > MAX_CHARACTERS:
        return text
    own = _below_leading_quote(text)
    shown = _without_later_quote(own, strip)
    shown = shown if enough(shown) else own
    # A library that finds nothing may have changed blanks.
    return shown.strip() if shown.split() != text.split() else text


def enough(text: str) -> bool:
    """Return whether a text has words enough to be somebody's answer."""
    return len(text.split()) >= MIN_WORDS


def _below_leading_quote(text: str) -> str:
    """Return a text without a quoted mail that begins it; all of it where it doesn't, or has other quotes.

    A greeting may stand above the quote; the quote's end would otherwise be taken for that of the answer.
    """
    lines = text.split("\n")
    start = _next_line(lines, 0)
    greeting = []
    if start + 1 < len(lines) and _GREETING.fullmatch(lines[start]) and not lines[start + 1].strip():
        greeting = [lines[start], ""]
        start = _next_line(lines, start + 1)
    end = start
    while end < len(lines) and end - start < MAX_INTRODUCTION_LINES and lines[end].strip():
        end += 1
        if lines[end - 1].rstrip().endswith(":"):
            break
    introduction = "\n".join(lines[start:end]).rstrip()
    # A sentence of the answer may introduce a quote, too: that of a program names an address or a time.
    if not introduction.endswith(":") or introduction.startswith(">") or not _ADDRESS_OR_TIME.search(introduction):
        return text
    first = place = _next_line(lines, end)
    while place < len(lines) and lines[place].startswith(">"):
        place = _next_line(lines, place + 1)
    below = lines[place:]
    is_answered_between = any(line.startswith(">") for line in below)
    return (
        text if place == first or is_answered_between or not enough("\n".join(below)) else "\n".join(greeting + below)
    )


def _next_line(lines: list[str], place: int) -> int:
    """Return where the next line that isn't blank stands, the end without one."""
    while place < len(lines) and not lines[place].strip():
        place += 1
    return place


def _without_later_quote(text: str, strip: Strip) -> str:
    above = _above_marker(text)
    # The line that introduces the quote ("On Monday, the desk wrote:") stands above the marker, and is still to find.
    shown = strip(_short_lines(text) if above is None else _short_lines(above) + _QUOTED)
    shown = _without_quoted_end(shown, has_quote=above is not None)
    signature = _SIGNATURE.search(shown)
    if signature and enough(shown[: signature.start()]):
        shown = shown[: signature.start()]
    return shown


def _above_marker(text: str) -> str | None:
    place = text.find(MARKER)
    if place < 0:
        return None
    before = text[:place]
    line_start = before.rfind("\n") + 1
    # The marker's line may be quoted; any other text on it is an answer.
    return before[:line_start] if _QUOTE_MARKS.fullmatch(before[line_start:]) else before


def _without_quoted_end(text: str, *, has_quote: bool) -> str:
    """Return a text without quoted lines at its end, and without the lines that introduce them in any language."""
    lines = text.rstrip().split("\n")
    while lines and (not lines[-1].strip() or lines[-1].startswith(">")):
        has_quote = has_quote or lines[-1].startswith(">")
        lines.pop()
    if has_quote and lines and lines[-1].rstrip().endswith(":"):
        start = len(lines) - 1
        while start > 0 and lines[start - 1].strip() and len(lines) - start < MAX_INTRODUCTION_LINES:
            start -= 1
        if "@" in "".join(lines[start:]):
            lines = lines[:start]
    return "\n".join(lines)


def _short_lines(text: str) -> str:
    """Return a text whose lines are short enough for patterns."""
    lines = []
    for line in text.split("\n"):
        if len(line) <= MAX_LINE_CHARACTERS:
            lines.append(line)
        else:
            lines += [line[at : at + MAX_LINE_CHARACTERS] for at in range(0, len(line), MAX_LINE_CHARACTERS)]
    return "\n".join(lines)
