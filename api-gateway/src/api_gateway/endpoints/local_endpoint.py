"""Describes an endpoint that the gateway answers without a service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from api_gateway.messages import Request, Response

OBJECT: Mapping[str, Any] = {"type": "object"}
TEXT: Mapping[str, Any] = {"type": "string"}


@dataclass(frozen=True)
class LocalEndpoint:
    """One method of one path: handler, documentation and roles; without `roles` no token is needed."""

    method: str
    pattern: str
    handle: Callable[[Request], Response]
    summary: str
    roles: frozenset[str] | None = None
    schema: Mapping[str, Any] = field(default_factory=lambda: OBJECT)
    media_type: str = "application/json"
    example: Mapping[str, Any] | None = None
    """A successful response, for the documentation."""
    path: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The schemas of the path's parameters."""
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Schemas of the query's fields; other fields are 400."""
    body: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Schemas of the fields of a JSON body, all of them required."""
    connects: Literal["", "stream", "socket"] = ""
    """The kind of connection that stays open; a browser opens a socket with a ticket in place of a token."""
