"""Matches the department names of a file with the company's departments, and creates missing ones."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

import click

from launcher.client import Gateway, explain

NOT_ALLOWED = (401, 403)
MAX_SHOWN_CHARACTERS = 60


class Departments:
    """The company's departments by the names in a file; case, width and spacing are ignored."""

    def __init__(self, gateway: Gateway, names: Sequence[str]) -> None:
        """Create missing departments, the most frequent first, since a company can have a limited number only."""
        self._names: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        if not any(names):
            return
        for department in gateway.every("/api/departments", "departments"):
            key = _folded(department["name"])
            self._names[key] = department["name"]
            if not department.get("is_active", True):
                self._refused[key] = f"department {department['name']} takes no tickets at present"
        counted = Counter(_folded(name) for name in names if name)
        spelt = {_folded(name): " ".join(name.split()) for name in reversed(names) if name}
        for key, _ in counted.most_common():
            if key not in self._names:
                self._create(gateway, key, spelt[key])

    def find(self, name: str) -> str:
        """Return the company's spelling of a department. Raises ValueError with the reason if there is none."""
        key = _folded(name)
        if key in self._refused:
            raise ValueError(self._refused[key])
        return self._names[key]

    def _create(self, gateway: Gateway, key: str, name: str) -> None:
        response = gateway.send_with_retry("POST", "/api/departments", json={"name": name})
        if response.status_code in NOT_ALLOWED:
            raise click.ClickException(f"department {name} can't be made: {explain(response)}")
        if response.status_code < 400:
            self._names[key] = response.json()["name"]
            return
        # Another client may have created it in the meantime.
        found = gateway.every("/api/departments", "departments")
        self._names |= {_folded(each["name"]): each["name"] for each in found}
        if key not in self._names:
            self._refused[key] = f"department {name[:MAX_SHOWN_CHARACTERS]!r} can't be made: {explain(response)}"


def _folded(name: str) -> str:
    """Return a name normalised for comparison: without differences of case, width and spacing."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
