"""Access policies: the roles that may call a route, and the scope that an API key needs for it.

The app can't be created with a route without a policy.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

from service_kit.identity import ROLES

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC: frozenset[str] = frozenset({"*"})
"""The policy of a route that needs no token."""


READING = frozenset({"GET", "HEAD"})
INTERNAL = "internal"


class NoPolicy(Exception):
    """A route has no access policy."""


def allowed(*roles: str) -> Callable[[View], View]:
    """Allow callers with one of these roles. Others get 403, callers without a valid token 401."""
    unknown = set(roles) - ROLES
    if unknown or not roles:
        raise ValueError(f"unknown or no roles: {sorted(unknown)}")

    def mark(view: View) -> View:
        view.__dict__["policy"] = frozenset(roles)
        return view

    return mark


def public(view: View) -> View:
    """Allow every caller, with or without a token."""
    view.__dict__["policy"] = PUBLIC
    return view


def policies_of(app: Flask) -> dict[str, frozenset[str]]:
    """Return the roles that may call each endpoint, by its name; raise NoPolicy for a route without a policy."""
    policies = {}
    for rule in app.url_map.iter_rules():
        roles = getattr(app.view_functions[rule.endpoint], "policy", None)
        if roles is None:
            raise NoPolicy(f"{rule.rule} has neither @allowed(…) nor @public")
        policies[rule.endpoint] = roles
    return policies


def scope_of(method: str, rule: str) -> str | None:
    """Return the scope that a route requires of an API key, such as `files:read`; None for an internal route.

    The noun is the first segment of the path, after `/api` where the path begins with it. Internal routes need none:
    the gateway forwards nobody to them, and checks the scope of its own route before it calls one.
    """
    segments = [segment for segment in rule.split("/") if segment]
    noun = next(iter(segments[1:] if segments[:1] == ["api"] else segments), "")
    if noun == INTERNAL:
        return None
    return f"{noun}:{'read' if method in READING else 'write'}"


def missing_scope(scopes: frozenset[str] | None, method: str, rule: str) -> str | None:
    """Return the scope that is missing among a caller's scopes, None where nothing is."""
    if scopes is None:
        return None
    needed = scope_of(method, rule)
    return None if needed is None or needed in scopes else needed
