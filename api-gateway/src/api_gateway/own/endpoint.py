"""One address that the gateway answers itself, with what its documentation says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api_gateway.messages import Answer, Request

OBJECT: Mapping[str, Any] = {"type": "object"}
TEXT: Mapping[str, Any] = {"type": "string"}


@dataclass(frozen=True)
class Own:
    """A method of an address, who answers it and who may ask. `roles` is None where no token is needed."""

    method: str
    pattern: str
    answer: Callable[[Request], Answer]
    summary: str
    roles: frozenset[str] | None = None
    schema: Mapping[str, Any] = field(default_factory=lambda: OBJECT)
    media_type: str = "application/json"
    path: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The schemas of the path's parameters."""
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The query's fields and their schemas; others are refused."""
