"""The declared policy: the rows of `policy.yaml`, and the answers that follow from their words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from smartticket_contracts import folder

ALLOWED = "allowed"
OPERATOR = "operator"
"""The word of a route for the operator's company alone."""
TARGETS = ("own", "same company", "other company")
"""Whose target a request names, in the order of a word's answers."""

_KEY = re.compile(r"(?P<method>[A-Z]+) (?P<path>/\S*)(?: \((?P<field>[\w.]+)\))?")


class BadPolicy(ValueError):
    """A row can't be read; the message names it."""


@dataclass(frozen=True)
class Row:
    """A route, the field that names the target ("" for the address or the rows of a list), and a word per role."""

    service: str
    method: str
    path: str
    field: str
    words: Mapping[str, str]

    @property
    def route(self) -> str:
        """Return method and path."""
        return f"{self.method} {self.path}"

    @property
    def key(self) -> str:
        """Return the row's name in `policy.yaml`."""
        return f"{self.route} ({self.field})" if self.field else self.route

    def answers(self, role: str) -> Sequence[str]:
        """Return the answers to a role: one per target, or one alone where there is no target."""
        return [str(answer) for answer in _document()["words"][self.words[role]]]

    def roles(self) -> frozenset[str]:
        """Return the roles that get anything but 403."""
        return frozenset(role for role in self.words if self.answers(role)[0] != "403")


def roles() -> Sequence[str]:
    """Return the roles in the order of the table."""
    named: Sequence[str] = _document()["roles"]
    return named


def public_routes() -> frozenset[str]:
    """Return the routes that need no token."""
    return frozenset(_document()["public"])


def not_audited() -> Mapping[str, str]:
    """Return the reason of each changing route that leaves no audit record."""
    return dict(_document()["not_audited"])


def rows(service: str) -> Sequence[Row]:
    """Return the rows of a service, the shared ones last; raise BadPolicy."""
    own: Mapping[str, Sequence[Any]] = _document()["services"].get(service, {})
    return [*(_row(service, key, words) for key, words in own.items()), *shared_rows(service)]


def shared_rows(service: str) -> Sequence[Row]:
    """Return the rows that every service has; raise BadPolicy."""
    return [_row(service, key, words) for key, words in _document()["shared"].items()]


def gateway_rows() -> Sequence[Row]:
    """Return the rows of the routes that the gateway answers itself; raise BadPolicy."""
    return [_row("api-gateway", key, words) for key, words in _document()["gateway"]["routes"].items()]


def gateway_public_routes() -> frozenset[str]:
    """Return the routes that the gateway answers itself and that need no token."""
    return frozenset(_document()["gateway"]["public"])


def services() -> Sequence[str]:
    """Return the services with rows."""
    return list(_document()["services"])


def _row(service: str, key: str, words: Sequence[Any]) -> Row:
    match = _KEY.fullmatch(key)
    # YAML reads an unquoted `no` as false.
    spelled = ["no" if word is False else str(word) for word in words]
    if match is None or len(spelled) != len(roles()) or not set(spelled) <= _document()["words"].keys():
        raise BadPolicy(f"{service}: {key}: {spelled}")
    return Row(service, match["method"], match["path"], match["field"] or "", dict(zip(roles(), spelled, strict=True)))


@cache
def _document() -> Mapping[str, Any]:
    document = yaml.safe_load((folder() / "policy.yaml").read_text(encoding="utf-8"))
    document["words"] = {"no" if word is False else word: answers for word, answers in document["words"].items()}
    known: Mapping[str, Any] = document
    return known
