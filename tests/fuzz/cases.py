"""Makes requests out of the OpenAPI document, sends them as callers of each role, and keeps what must not be."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
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
PROGRESS = 10
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


def fuzz(callers: list[Caller], operations: list[Any], *, cases: int, start: int) -> list[Outcome]:
    """Send about so many requests as each caller; the same `start` makes the same ones.

    Each request that is made is sent by every caller, since making it takes longer than answering it.
    """
    outcomes, public, known = [Outcome(caller.role) for caller in callers], public_routes(), Known(start)
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    examples = max(cases // (len(operations) * len(modes)), 1)
    began = time.monotonic()
    with ThreadPoolExecutor(len(callers)) as pool:
        for number, operation in enumerate(operations, 1):
            for caller in callers:
                if not caller.lives():
                    caller.renew()
            for mode in modes:
                _send(callers, operation, mode, examples, start, outcomes, public, known, pool)
            if number % PROGRESS == 0:
                sent, found = sum(each.cases for each in outcomes), sum(len(each.findings) for each in outcomes)
                line = f"{number} of {len(operations)} operations, {sent} requests, {found} findings"
                print(line, file=sys.stderr, flush=True)
    for outcome in outcomes:
        outcome.seconds = time.monotonic() - began
    return outcomes


def _send(
    callers: list[Caller],
    operation: Any,
    mode: GenerationMode,
    examples: int,
    start: int,
    outcomes: list[Outcome],
    public: frozenset[str],
    known: Known,
    pool: ThreadPoolExecutor,
) -> None:
    @seed(start)
    @settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        known.put(operation.path, case)
        answers = list(pool.map(partial(_call, case), callers))
        for answer, outcome in zip(answers, outcomes, strict=True):
            _judge(operation, case, answer, outcome, public, known)

    # An operation that takes nothing can't be asked badly.
    with suppress(Unsatisfiable):
        one()


def _call(case: Any, caller: Caller) -> Any:
    """Return the response, or what kept it from coming."""
    try:
        return case.call(base_url=caller.stack.url, headers=caller.headers, timeout=TIMEOUT_SECONDS)
    except (requests.Timeout, requests.ConnectionError) as error:
        return error


def _judge(operation: Any, case: Any, response: Any, outcome: Outcome, public: frozenset[str], known: Known) -> None:
    """Count an answer, and keep it where it must not be."""
    name = f"{operation.method.upper()} {operation.path}"

    def keep(status: int, kind: str, excerpt: str) -> None:
        outcome.findings[Finding(outcome.role, name, status, kind, excerpt)] += 1

    if isinstance(response, Exception):
        keep(0, type(response).__name__, str(response)[:EXCERPT])
        return
    outcome.cases += 1
    outcome.statuses[response.status_code] += 1
    if response.status_code < 300 and response.headers.get("Content-Type", [""])[0].startswith("application/json"):
        known.keep(operation.path, response.json())
    if outcome.role == NOBODY and response.status_code < 300 and name not in public:
        keep(response.status_code, OPEN_TO_ALL, response.text[:EXCERPT])
    for failure in _failures(case, response):
        excerpt = f"{failure.message[:EXCERPT]} | {response.text[:EXCERPT]}"
        keep(response.status_code, failure.title, excerpt)


def _failures(case: Any, response: Any) -> Iterator[Failure]:
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        yield from group.exceptions
    except Failure as failure:
        yield failure
