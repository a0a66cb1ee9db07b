"""Every POST accepts an Idempotency-Key: each calls `read_idempotency_key` or `reserve`, or is marked by `reads`.

A key is stored under a company, so routes without a caller have none. Each of those is safe to repeat.
"""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from service_kit.http.policy import PUBLIC
from service_kit.testing.policies import policy_table

from .apps import WITH_ROUTES, app_of
from .tree import parsed

USES = {"read_idempotency_key", "reserve", "reads"}
WITHOUT_A_CALLER = {
    "/api/auth/login": "begins another session",
    "/api/auth/refresh": "the same token gets the same successor for 10 seconds",
    "/api/auth/logout": "an ended session stays ended",
    "/api/auth/password/forgot": "replaces the link of before",
    "/api/auth/password/reset": "a link works once",
    "/api/auth/sso/exchange": "a code works once",
    "/api/auth/email/confirm": "a token works once",
    "/webhooks/partners/<partner>": "a decided request stays decided",
    "/api/notifications/unsubscribe": "a digest that has ended stays ended",
    "/webhooks/email/inbound/<provider>": "the same mail is stored once",
}
"""POSTs without a caller; what a repeated one does beside it."""


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_no_post_ignores_an_idempotency_key(service: str) -> None:
    app = app_of(service)
    posts = {rule.rule: rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    ignoring = {rule for rule, endpoint in posts.items() if not uses_the_key(app.view_functions[endpoint])}
    public = {rule for (method, rule), roles in policy_table(app).items() if method == "POST" and roles == PUBLIC}
    assert ignoring <= public & WITHOUT_A_CALLER.keys()


def test_a_post_that_ignores_the_key_would_be_found() -> None:
    assert not uses_the_key(app_of("ai-service").view_functions["training.list_trainings"])


def uses_the_key(view: Callable[..., Any]) -> bool:
    """Return whether the view, or a function of its module that it calls, uses the key."""
    view = inspect.unwrap(view)
    module = parsed(Path(inspect.getfile(view)))
    functions = {node.name: node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
    seen: set[str] = set()
    waiting = [view.__name__]
    while waiting:
        name = waiting.pop()
        if name in USES:
            return True
        if name in functions and name not in seen:
            seen.add(name)
            waiting += [node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)]
    return False
