"""Holds a service against its declared policy: sends a request for every cell of the table and compares the answers.

A service's test gives a builder per row: a function that stores a target and returns the request that names it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from flask.testing import FlaskClient
from service_kit.testing.calls import Calls
from werkzeug.wrappers import Response

ALLOWED = "allowed"
OPERATOR = "operator"
COMPANY, OTHER_COMPANY = 1, 2
CALLER, COLLEAGUE = "user:7", "user:8"


@dataclass(frozen=True)
class Target:
    """Whose row a request names. The other company's belongs to the same subject, which must not help."""

    name: str
    company: int
    owner: str
    number: int
    """Different for every cell; a builder makes ids and names from it."""


@dataclass(frozen=True)
class Ask:
    """A request. With `shows`, the answer of an allowed cell holds this text and that of another doesn't."""

    path: str
    body: Any = None
    shows: str | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    statuses: frozenset[int] = frozenset()
    """Answers beside 2xx that count as allowed, because the state refuses and not the policy."""
    subject: str = CALLER
    """The caller; another one where the route is for one service alone."""
    not_found: frozenset[int] = frozenset({404})
    """The answers that count as 404: a field of the body that names nothing known is 400 in some routes."""


class Row(Protocol):
    """A row of the policy."""

    method: str
    key: str
    words: Mapping[str, str]

    def answers(self, role: str) -> Sequence[str]:
        """Return the answers to a role: one per target, or one alone."""


Builder = Callable[[Target], Ask]


def wrong_cells(calls: type[Calls], client: FlaskClient, row: Row, build: Builder) -> list[str]:
    """Send the requests of all cells of a row, and one without a token; return the cells that answer otherwise."""
    wrong = []
    number = 1000
    for role in row.words:
        for answer, (name, company, owner) in zip(row.answers(role), TARGETS, strict=False):
            number += 1
            ask = build(Target(name, company, owner, number))
            caller = calls(client, company=COMPANY, role=role, subject=ask.subject)
            with caller.send(row.method, ask.path, **content_of(ask)) as response:
                found = observed(response, ask)
            if found != answer:
                wrong.append(f"{row.key}: {role}, {name}: {found}, not {answer}")
        if row.words[role] == OPERATOR:
            number += 1
            ask = build(Target("own", OTHER_COMPANY, CALLER, number))
            caller = calls(client, company=OTHER_COMPANY, role=role, subject=ask.subject)
            with caller.send(row.method, ask.path, **content_of(ask)) as response:
                if (found := observed(response, ask)) != "403":
                    wrong.append(f"{row.key}: {role} of another company than the operator's: {found}, not 403")
    ask = build(Target("own", COMPANY, CALLER, number + 1))
    anonymous = client.open(ask.path, method=row.method, **content_of(ask))
    if anonymous.status_code != 401:
        wrong.append(f"{row.key}: without a token: {anonymous.status_code}, not 401")
    return wrong


TARGETS = (
    ("own", COMPANY, CALLER),
    ("same company", COMPANY, COLLEAGUE),
    ("other company", OTHER_COMPANY, CALLER),
)


def observed(response: Response, ask: Ask) -> str:
    """Return what a response means: "allowed", "404", or its status."""
    status = response.status_code
    if status in ask.not_found:
        return "404"
    if status // 100 != 2 and status not in ask.statuses:
        return f"{status} {response.get_data(as_text=True)[:300]}" if status != 403 else "403"
    if ask.shows is not None and ask.shows not in response.get_data(as_text=True):
        return "404"
    return ALLOWED


def content_of(ask: Ask) -> dict[str, Any]:
    """Return the arguments of werkzeug's client for a request."""
    if ask.form:
        return {"data": dict(ask.form), "content_type": "multipart/form-data"}
    return {} if ask.body is None else {"json": ask.body}
