"""Gives the parameters of paths examples, which `/docs` fills in; bodies have those of their services."""

from collections.abc import Iterable
from typing import Any

TEXTS = {
    "name": "Legal",
    "email": "ann@company.example",
    "queue": "ai-service.categorize",
    "service": "ai-service",
}
"""Examples of parameters that are texts, by name.

The department is the one that the example of `POST /api/departments` adds, so that trying a DELETE removes no other.
"""


def add_examples(parameters: Iterable[dict[str, Any]]) -> None:
    """Add an example to each parameter of a path that has none; ids of the form UUID and unknown texts stay empty."""
    for parameter in parameters:
        if parameter.get("in") != "path":
            continue
        if parameter.get("schema", {}).get("type") == "integer":
            parameter.setdefault("example", 1)
        elif parameter["name"] in TEXTS:
            parameter.setdefault("example", TEXTS[parameter["name"]])
