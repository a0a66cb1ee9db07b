"""Every code that a service or the gateway answers has its page, with its statuses, and no other code has one."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path

import pytest
from smartticket_contracts.problems import kinds

from .tree import SERVICES, parsed, source_files

SOURCES = ("service-kit", "operations-kit", "http-server", *SERVICES)
OF_FLASK = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 415: "unsupported_media_type"}
"""The codes that service_kit.http.problems makes of Flask's own errors, by their phrases."""
STORED = {"deleted": 410}
"""Codes of stored answers, which stand in SQL."""
PROBLEMS = ("Problem", "Invalid", "Unauthorized", "Forbidden", "NotFound", "Conflict", "Unavailable")
BASE_STATUS = {"Invalid": 400, "Unauthorized": 401, "Forbidden": 403, "NotFound": 404, "Conflict": 409,
               "Unavailable": 503, "Problem": 500}  # fmt: skip


@cache
def answered() -> dict[str, set[int]]:
    """Return the codes in the sources with the statuses that stand beside them."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for path in (path for source in SOURCES for path in source_files(source)):
        for node in ast.walk(parsed(path)):
            for code, status in codes_of(node, path):
                found[code] |= {status} if status else set()
    for status, code in [*OF_FLASK.items(), *((status, code) for code, status in STORED.items())]:
        found[code].add(status)
    return found


def codes_of(node: ast.AST, path: Path) -> Iterator[tuple[str, int | None]]:
    """Yield each code that a statement or expression names, with its status where that stands beside it."""
    if isinstance(node, ast.Call) and (ast.unparse(node.func) in (*PROBLEMS, "super().__init__")):
        given = {each.arg: each.value for each in node.keywords}
        if text(given.get("code")):
            yield text(given["code"]), number(given.get("status")) or BASE_STATUS.get(ast.unparse(node.func))
    elif isinstance(node, ast.ClassDef):
        yield from declared(node)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        target = ast.unparse(node.target if isinstance(node, ast.AnnAssign) else node.targets[0])
        if isinstance(node.value, ast.Dict):
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                if target == "ERRORS" and isinstance(value, ast.Tuple):
                    yield text(value.elts[1]), number(value.elts[0])
                if target == "_CODES" and path.name == "refusal.py":
                    yield text(value), number(key)


def declared(node: ast.ClassDef) -> Iterator[tuple[str, int | None]]:
    """Yield the code that a class of errors declares: `status, code = 412, "stale_version"`, or `code = "busy"`."""
    errors = ("Exception", "Problem", "Unavailable", "Conflict", "StorageDown", "Invalid", "Forbidden", "NotFound")
    if not any(ast.unparse(base).rpartition(".")[2] in errors for base in node.bases):
        return
    for each in node.body:
        if not isinstance(each, ast.Assign):
            continue
        if isinstance(each.targets[0], ast.Tuple) and isinstance(each.value, ast.Tuple):
            values = dict(zip(map(ast.unparse, each.targets[0].elts), each.value.elts, strict=True))
            if "code" in values:
                yield text(values["code"]), number(values.get("status"))
        elif ast.unparse(each.targets[0]) == "code" and text(each.value):
            yield text(each.value), None


def text(node: ast.AST | None) -> str:
    """Return a constant text, "" for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def number(node: ast.AST | None) -> int | None:
    """Return a constant number, None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    codes = set(answered())
    missing, left_over = codes - kinds().keys(), kinds().keys() - codes
    assert (missing, left_over) == (set(), set()), "add or remove rows of contracts/problems.yaml, then `make docs`"


@pytest.mark.parametrize("code", sorted(kinds()))
def test_a_page_names_all_statuses_of_its_code(code: str) -> None:
    assert answered()[code] <= set(kinds()[code].statuses)


@pytest.mark.parametrize("code", sorted(kinds()))
def test_a_page_says_when_and_what_to_do_in_sentences(code: str) -> None:
    kind = kinds()[code]
    assert all(HTTPStatus(status) >= 400 for status in kind.statuses)
    for sentence in (kind.when, kind.advice):
        assert len(sentence) > 3
        assert (sentence[0].isupper(), sentence[-1]) == (True, ".")
