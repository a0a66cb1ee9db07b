"""Makes requests out of the OpenAPI document, sends them as one caller, and keeps what must not be."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
import schemathesis.specs.openapi.checks as openapi
import yaml
from api_gateway.aliases import ALIASES
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from smartticket_contracts import folder

from tests.fuzz.known import Known, in_order
from tests.fuzz.system import NOBODY, TIMEOUT_SECONDS, Caller

CHECKS = [
    not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]
EXCERPT = 300
ENDLESS = ("/api/changes", "/ws/")
"""An event stream has no end that a check could wait for, and a WebSocket needs another client."""
OPEN_TO_ALL = "an answer for somebody without a token"


@dataclass(frozen=True)
class Finding:
    """An answer that must not be."""

    role: str
    operation: str
    status: int
    kind: str
    excerpt: str = field(compare=False)
    """The beginning of the first such answer, and what schemathesis says about it."""


@dataclass
class Outcome:
    """What the requests of one role brought."""

    role: str
    cases: int = 0
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    findings: Counter[Finding] = field(default_factory=Counter)


def operations_of(url: str) -> list[Any]:
    """Return the operations of the system's document."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    found = [operation.ok() for operation in schema.get_all_operations() if isinstance(operation, Ok)]
    return sorted((each for each in found if not each.path.startswith(ENDLESS)), key=in_order)


def public_routes() -> frozenset[str]:
    """Return the routes that the declared policy opens to everybody, and their other spellings."""
    declared = yaml.safe_load((folder() / "policy.yaml").read_text(encoding="utf-8"))
    routes = {*declared["public"], *declared["gateway"]["public"]}
    aliases = {f"{each.method} {each.pattern}" for each in ALIASES if f"{each.to_method} {each.to_pattern}" in routes}
    return frozenset(routes | aliases)


def fuzz(caller: Caller, operations: list[Any], *, cases: int, start: int) -> Outcome:
    """Send about so many requests as one caller; the same `start` makes the same ones."""
    outcome, public, known = Outcome(caller.role), public_routes(), Known(start)
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    examples = max(cases // (len(operations) * len(modes)), 1)
    began = time.monotonic()
    for operation in operations:
        if not caller.lives():
            caller.renew()
        for mode in modes:
            _send(caller, operation, mode, examples, start, outcome, public, known)
    outcome.seconds = time.monotonic() - began
    return outcome


def _send(
    caller: Caller,
    operation: Any,
    mode: GenerationMode,
    examples: int,
    start: int,
    outcome: Outcome,
    public: frozenset[str],
    known: Known,
) -> None:
    name = f"{operation.method.upper()} {operation.path}"

    def keep(status: int, kind: str, excerpt: str) -> None:
        outcome.findings[Finding(caller.role, name, status, kind, excerpt)] += 1

    @seed(start)
    @settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        known.put(operation.path, case)
        try:
            response = case.call(base_url=caller.stack.url, headers=caller.headers, timeout=TIMEOUT_SECONDS)
        except (requests.Timeout, requests.ConnectionError) as error:
            keep(0, type(error).__name__, str(error)[:EXCERPT])
            return
        outcome.cases += 1
        outcome.statuses[response.status_code] += 1
        if response.status_code < 300 and response.headers.get("Content-Type", [""])[0].startswith("application/json"):
            known.keep(operation.path, response.json())
        if caller.role == NOBODY and response.status_code < 300 and name not in public:
            keep(response.status_code, OPEN_TO_ALL, response.text[:EXCERPT])
        for failure in _failures(case, response):
            excerpt = f"{failure.message[:EXCERPT]} | {response.text[:EXCERPT]}"
            keep(response.status_code, failure.title, excerpt)

    # An operation that takes nothing can't be asked badly.
    with suppress(Unsatisfiable):
        one()


def _failures(case: Any, response: Any) -> Iterator[Failure]:
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        yield from group.exceptions
    except Failure as failure:
        yield failure
