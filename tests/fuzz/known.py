"""The ids that answers showed, so that requests name what exists: random ones would mostly be answered 404."""

import re
from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any

PARAMETER = re.compile(r"\{([^}]+)\}")
NAMES = ("id", "uuid", "key", "name", "ticket_id")
"""The fields of a resource that an address may name it by."""
SHARE = 0.7
MOST = 200
DELETE = "DELETE"


class Known:
    """Collects ids by the address of their collection, and puts them into further requests."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._ids: dict[str, list[Any]] = defaultdict(list)

    def keep(self, path: str, answer: Any) -> None:
        """Keep the ids in the answer of a collection, such as `/api/tickets`: of one resource or of a page."""
        if "{" in path:
            return
        found = self._ids[path.rstrip("/")]
        for resource in _resources(answer):
            found += [resource[name] for name in NAMES if isinstance(resource.get(name), str | int)]
        del found[:-MOST]

    def put(self, path: str, case: Any) -> None:
        """Let a request for `/api/tickets/{ticket_id}/…` mostly name a ticket that was seen."""
        first = PARAMETER.search(path)
        ids = self._ids.get(path[: first.start()].rstrip("/")) if first else None
        if first and ids and case.path_parameters and self._random.random() < SHARE:
            case.path_parameters[first[1]] = self._random.choice(ids)


def in_order(operation: Any) -> tuple[int, bool, str]:
    """Order operations so that resources are made and listed before they are named, and deleted last."""
    method = operation.method.upper()
    return len(PARAMETER.findall(operation.path)), method == DELETE, operation.path


def _resources(answer: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(answer, dict):
        return
    yield answer
    for value in answer.values():
        if isinstance(value, list):
            yield from (each for each in value if isinstance(each, dict))
