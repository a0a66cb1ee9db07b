"""The base of the generated resources: turns a method's arguments into a call and the answer into a value."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from smartticket_client.files import Form
from smartticket_client.paging import Rows
from smartticket_client.transport import Call, Options, Transport, events_of, json_of


class Resource:
    """A part of the API. `path` arguments fill the braces of a template; query fields and bodies are sent as given."""

    def __init__(self, transport: Transport, options: Options) -> None:
        self._transport, self._options = transport, options

    def _json(
        self, method: str, template: str, path: tuple[object, ...] = (), query: Mapping[str, Any] | None = None,
        body: Any = None, form: Form | None = None,
    ) -> Any:  # fmt: skip
        call = Call(method, filled(template, path), query or {}, body, form)
        return json_of(self._transport.send(call, self._options))

    def _rows(self, template: str, path: tuple[object, ...], query: Mapping[str, Any], key: str) -> Rows[Any]:
        return Rows(lambda page: self._json("GET", template, path, page), query, key)

    def _bytes(
        self, method: str, template: str, path: tuple[object, ...] = (), query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> bytes:  # fmt: skip
        return self._transport.send(Call(method, filled(template, path), query or {}, body), self._options).content

    def _events(
        self, method: str, template: str, path: tuple[object, ...] = (), query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Iterator[tuple[str, str]]:  # fmt: skip
        call = Call(method, filled(template, path), query or {}, body, stream=True)
        return events_of(self._transport.send(call, self._options))


def filled(template: str, values: tuple[object, ...]) -> str:
    """Return a path with its parameters; a parameter's slashes are encoded."""
    parts = iter(values)
    return "/".join(
        quote(str(next(parts)), safe="") if segment.startswith("{") else segment for segment in template.split("/")
    )
