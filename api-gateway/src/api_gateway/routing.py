"""Finds the entry for a request in a tree of path segments, built once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from service_kit.http.problems import NotFound, Problem

from api_gateway.paths import Segments


class Routable(Protocol):
    """An entry with a method and a path pattern such as `/api/tickets/{ticket_id}`."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    @property
    def pattern(self) -> str:
        """The path; a segment in braces is a parameter."""


Entry = TypeVar("Entry", bound=Routable)
NAMED = frozenset({"name"})
"""Parameters whose values people choose, with slashes and backslashes allowed. Services read them as one text.

In any other parameter an encoded slash is refused: the service would see another path than the gateway checked.
"""


_SEPARATORS = frozenset("/\\")
_DOTS = frozenset({".", "..", ""})


def _has_dot_segments(value: str) -> bool:
    """Return whether a value, read as a path, has empty or dot segments."""
    return not _DOTS.isdisjoint(value.split("/"))


@dataclass
class _Node(Generic[Entry]):
    literal: dict[str, "_Node[Entry]"] = field(default_factory=dict)
    parameter: "_Node[Entry] | None" = None
    entries: dict[str, tuple[Entry, tuple[str, ...]]] = field(default_factory=dict)


class DuplicateRoute(ValueError):
    """Two entries have the same method and path."""


class RouteTable(Generic[Entry]):
    """All entries by method and decoded segments. A literal segment takes precedence over a parameter."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Build the tree; raises DuplicateRoute."""
        self._root: _Node[Entry] = _Node()
        for entry in entries:
            self._add(entry)

    def match(self, method: str, segments: Segments) -> tuple[Entry, Mapping[str, str]]:
        """Return the entry and its path parameters; raise NotFound (404), or a 405 problem with Allow."""
        node = _find(self._root, segments, 0)
        if node is None:
            raise NotFound("There is nothing at this address.")
        found = node.entries.get(method)
        if found is None and method == "HEAD":
            found = node.entries.get("GET")
        if found is None:
            allow = ", ".join(_methods(node.entries))
            raise Problem(
                "This method isn't offered here.", status=405, code="method_not_allowed", headers={"Allow": allow}
            )
        entry, names = found
        if not names:
            return entry, {}
        params = {name: segment for name, segment in zip(names, segments, strict=True) if name}
        if any(
            _has_dot_segments(value) if name in NAMED else _SEPARATORS & set(value) for name, value in params.items()
        ):
            raise NotFound("There is nothing at this address.")
        return entry, params

    def methods(self, segments: Segments) -> list[str]:
        """Return the methods of a path, none for an unknown one."""
        node = _find(self._root, segments, 0)
        return _methods(node.entries) if node else []

    def _add(self, entry: Entry) -> None:
        node, names = self._root, []
        for segment in pattern_segments(entry.pattern):
            name = parameter_name(segment)
            names.append(name)
            if name:
                node.parameter = node = node.parameter or _Node()
            else:
                node = node.literal.setdefault(segment, _Node())
        if entry.method in node.entries:
            raise DuplicateRoute(f"{entry.method} {entry.pattern} is there twice")
        node.entries[entry.method] = (entry, tuple(names) if any(names) else ())


def pattern_segments(pattern: str) -> Segments:
    """Return the segments of a pattern; none for `/`."""
    return tuple(pattern.strip("/").split("/")) if pattern != "/" else ()


def parameter_name(segment: str) -> str:
    """Return the parameter's name of a segment in braces, empty for a literal one."""
    return segment[1:-1] if segment.startswith("{") else ""


def _find(node: "_Node[Entry]", segments: Segments, index: int) -> "_Node[Entry] | None":
    if index == len(segments):
        return node if node.entries else None
    literal = node.literal.get(segments[index])
    if literal is not None:
        found = _find(literal, segments, index + 1)
        if found is not None:
            return found
    # An empty segment is no parameter value.
    if node.parameter is not None and segments[index]:
        return _find(node.parameter, segments, index + 1)
    return None


def _methods(entries: Mapping[str, object]) -> list[str]:
    return sorted({*entries, *(("HEAD",) if "GET" in entries else ()), "OPTIONS"})
