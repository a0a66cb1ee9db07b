"""The access policies of an app by route, for documents and tests."""

from flask import Flask

from service_kit.http.policy import policies_of


def policy_table(app: Flask) -> dict[tuple[str, str], frozenset[str]]:
    """Return {(method, rule): roles} of all routes; raise NoPolicy for a route without a policy."""
    policies = policies_of(app)
    return {
        (method, rule.rule): policies[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
