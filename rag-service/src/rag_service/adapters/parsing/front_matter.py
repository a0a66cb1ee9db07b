"""Front matter of Markdown files: what stands between `---` (YAML) or `+++` (TOML) lines at their beginning."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from rag_service.adapters.parsing.titles import is_title

MAX_FRONT_CHARACTERS = 20_000
MAX_VALUE_CHARACTERS = 1_000
_FRONT = re.compile(
    r"\A\s{0,10}(---|\+\+\+)[ \t]*\r?\n(.{0,20000}?)^(?:\1|\.\.\.)[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE
)
_KEY = re.compile(r"[\"']?([^\W\d][\w .@/-]{0,60}?)[\"']?[ \t]*:(?:[ \t]+(.*))?$")
_QUOTED = re.compile(r"([\"'])(.*)\1(?:[ \t]+#.*)?$")
_COMMENT = re.compile(r"(?:^|[ \t])#.*$")
_BLOCK = re.compile(r"[|>][-+\d]*$")
_EMPTY = frozenset({"", "null", "~", "[]", "{}", '""', "''"})
# These say how a page is built, not what it says.
_BUILDS = frozenset({
    "layout", "permalink", "redirect_from", "redirect_to", "slug", "weight", "draft", "toc", "sidebar", "nav_order",
    "has_children", "sidebar_position", "sidebar_label", "template", "class", "css", "js", "hide_title", "math", "url",
    "cspell",
})  # fmt: skip


@dataclass(frozen=True)
class FrontMatter:
    """The content of a file's front matter."""

    title: str
    rows: tuple[str, ...]
    """`key: value`, one each."""


def split(text: str) -> tuple[FrontMatter | None, str]:
    """Return a text's front matter, and the text behind it."""
    found = _FRONT.match(text[: MAX_FRONT_CHARACTERS + 100])
    if not found:
        return None, text
    entries = list(_toml(found[2]) if found[1] == "+++" else _yaml(found[2]))
    if not entries:
        return None, text
    title = next((value for key, value in entries if key.lower() == "title"), "")
    rows = tuple(
        f"{key}: {value}"
        for key, value in entries
        if key.lower() not in _BUILDS and value.lower() not in _EMPTY and not (value == title and is_title(title))
    )
    return FrontMatter(title, rows), text[found.end() :]


def _toml(text: str) -> Iterator[tuple[str, str]]:
    try:
        entries = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    for key, value in entries.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{name}", _flat(each)) for name, each in value.items())
        else:
            yield key, _flat(value)


def _flat(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_flat, value))[:MAX_VALUE_CHARACTERS]
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(str(value).split())[:MAX_VALUE_CHARACTERS]


def _yaml(text: str) -> Iterator[tuple[str, str]]:
    """Yield keys and values of the two upper levels; deeper ones as they are written."""
    key, parts, in_block = "", [], False
    is_open = False
    for line in [*text.splitlines(), "end:"]:
        indented = line[:1] in " \t" or line.startswith(("- ", "#"))
        if not line.strip() or (line.lstrip().startswith("#") and not in_block):
            continue
        if indented:
            parts.append(line if in_block else _COMMENT.sub("", line))
            continue
        if key:
            yield from _entries(key, parts, may_nest=is_open and not in_block)
        named = _KEY.match(line.rstrip())
        key, parts, in_block = "", [], False
        if named:
            key, value = named[1].strip(), (named[2] or "").strip()
            in_block = bool(_BLOCK.match(value))
            is_open = not value
            parts = [] if in_block or is_open else [_value(value)]


def _entries(key: str, parts: list[str], *, may_nest: bool) -> Iterator[tuple[str, str]]:
    below = [part.strip() for part in parts]
    names = [_KEY.match(part) for part in below] if may_nest else []
    if names and all(names):
        yield from ((f"{key}.{named[1].strip()}", _value(named[2] or "")) for named in names if named)
        return
    items = [_value(part.removeprefix("- ").strip()) for part in below]
    separator = ", " if below and all(part.startswith("- ") for part in below) else " "
    yield key, separator.join(items)[:MAX_VALUE_CHARACTERS]


def _value(text: str) -> str:
    text = text.strip()
    if quoted := _QUOTED.match(text):
        return quoted[2].replace('\\"', '"').replace("''", "'")
    text = _COMMENT.sub("", text).strip()
    if text.startswith("[") and text.endswith("]"):
        return ", ".join(_value(item) for item in text[1:-1].split(",") if item.strip())
    return text
