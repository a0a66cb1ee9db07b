"""Published faults of other help desks, as tests: what would have found them there is asked of every service here.

`docs/security.md` lists them all, with the tests elsewhere.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import marshmallow
import pytest
from flask.testing import FlaskClient
from service_kit.identity import HEADER
from smartticket_contracts import policy

from tests.security.token_kinds import internal_kind

from .apps import WITH_ROUTES, app_of, document_of
from .tree import ROOT

PROBLEM_FIELDS = {"type", "title", "status", "code", "detail", "errors", "request_id", "instance"}
INSIDE = re.compile(r"Traceback|sqlalchemy|psycopg|File \"|/src/|select |insert into|postgres", re.IGNORECASE)
COLUMNS = ("company_id", "role", "is_admin", "id", "created_at", "password_hash", "actor", "revision", "__class__")
SECRET = re.compile(r"password|secret|hash|token$|credential|sealed|(?:^|_)key$")
SHOWN_ONCE = {
    "IssuedInvitation.token": "an invitation, to the admin who makes it",
    "NewApiKeyView.key": "an API key, to whom makes it",
    "ShownMailboxView.secret": "the secret of a mailbox that was made here, to the admin who adds it",
    "ResetLinkView.token": "a link for a new password, to the admin who makes it",
    "MailedLink.token": "the link of a mail, to the service that sends it",
    "VerificationView.token": "a link for a new address, to the admin who makes it",
    "WebhookWithSecret.secret": "the secret of a webhook, to whom adds it or renews the secret",
    "SetupView.secret": "a second factor, to whom sets it up",
    **{f"{view}.{token}": "tokens, to whom logs in" for view in ("LoginView", "TokensView")
       for token in ("access_token", "refresh_token")},
    "LoginView.device_token": "the mark of a known browser, to whom logs in",
}  # fmt: skip
"""The secrets in answers; each is shown once."""
THE_TARGET_ITSELF = {
    "GET /api/tickets (team_id)": "narrows the list; requesters get 403",
    "PATCH /api/tickets/bulk (filter.customer_id)": "chooses among the company's tickets; requesters get 403",
    "PATCH /api/tickets/bulk (filter.team_id)": "chooses among the company's tickets; requesters get 403",
    "POST /api/views (filter.customer_id)": "is stored; the view's list asks with it in the caller's company",
    "POST /api/views (filter.team_id)": "is stored; the view's list asks with it in the caller's company",
    "PUT /api/views/{view_id} (filter.customer_id)": "is stored; the view's list asks with it in the caller's company",
    "PUT /api/views/{view_id} (filter.team_id)": "is stored; the view's list asks with it in the caller's company",
    "GET /internal/files (ids)": "the row of the route asks with it",
    "POST /api/route (ticket_id)": "the row of the route asks with it",
}
"""Ids without a row of their own; the reason beside each."""
SIGNED = ("/webhooks/partners/1",)
"""Addresses where nothing of a body is read before its signature is checked; their own tests sign bad fields."""


def client(service: str) -> tuple[FlaskClient, dict[str, str]]:
    """Return a client of a service and the header of an admin."""
    return app_of(service).test_client(), {HEADER: internal_kind(service).good()}


def schemas(service: str) -> Iterator[tuple[str, str, marshmallow.Schema]]:
    """Yield method, address and body schema of every route with a JSON body."""
    app = app_of(service)
    for rule in app.url_map.iter_rules():
        schema = app.view_functions[rule.endpoint].__dict__.get("body_schema")
        if schema is not None:
            path = re.sub(r"<uuid:\w+>", "7d444840-9dc0-51d1-b245-5ffdce74fad2", rule.rule)
            path = re.sub(r"<\w+:\w+>|<\w+>", "1", path)
            for method in (rule.methods or set()) & {"POST", "PUT", "PATCH"}:
                yield method, path, schema


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_cve_2026_102489_an_error_tells_nothing_of_the_inside(service: str) -> None:
    """Zammad: the error to an unknown event held other clients' sessions."""
    asking, headers = client(service)
    path = next(row.path for row in policy.rows(service) if row.method == "GET" and "{" not in row.path)
    for method, address, more in (
        ("GET", "/unknown", {}),
        ("POST", "/api/unknown/event", {"json": {"event": "unknown", "payload": {"__proto__": 1}}}),
        ("DELETE", path, {}),
        ("GET", f"{path}?unknown=1&limit[]=1", {}),
        ("GET", f"{path}?limit=%00", {}),
        ("GET", f"{path}?cursor=eyJfX2NsYXNzX18iOiAiU2Vzc2lvbiJ9", {}),
        ("PROPFIND", path, {}),
        ("POST", "/api/dead-letters/1/discard", {"data": b"\xff{{7*7}}", "content_type": "application/json"}),
        ("POST", "/api/dead-letters/1/discard", {"json": {"reason": {"$gt": ""}}}),
    ):
        answer = asking.open(address, method=method, headers=headers, **more)
        assert 400 <= answer.status_code < 500, (address, answer.status_code)
        assert answer.content_type.startswith("application/problem+json")
        assert set(answer.json) <= PROBLEM_FIELDS
        assert not INSIDE.search(answer.text), answer.text


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_cve_2025_24799_a_field_of_another_type_is_refused(service: str) -> None:
    """GLPI: what was no text went into SQL unescaped, five times."""
    asking, headers = client(service)
    wrong = []
    for method, path, schema in schemas(service):
        if path in SIGNED:
            continue
        for name in schema.fields:
            for value in ({"$ne": 1}, {"a": ["' or 1=1 --"]}, [{"x": 1}, [2]], [["' or 1=1 --"]]):
                answer = asking.open(path, method=method, headers=headers, json={name: value})
                if answer.status_code not in (400, 403):
                    wrong.append((method, path, name, value, answer.status_code))
    assert [case for case in wrong if case[2] not in ("metadata", "preferences", "payload")] == []


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_cve_2026_40569_no_column_can_be_assigned_that_no_field_names(service: str) -> None:
    """FreeScout: settings came in with any field that a table has."""
    asking, headers = client(service)
    taken = []
    for method, path, schema in schemas(service):
        if schema.unknown == marshmallow.INCLUDE or path in SIGNED:
            continue  # events of outside producers, validated by type afterwards
        for column in COLUMNS:
            if column in schema.fields:
                continue
            answer = asking.open(path, method=method, headers=headers, json={column: 1})
            named = {error["field"] for error in (answer.json or {}).get("errors", [])}
            if answer.status_code != 403 and (answer.status_code != 400 or column not in named):
                taken.append((method, path, column, answer.status_code))
    assert taken == []


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_cve_2026_115725_every_id_that_a_caller_can_send_has_a_row_in_the_policy(service: str) -> None:
    """Chatwoot: a bot's token and another account's id in the body gave that account's conversations."""
    rows = {row.key for row in policy.rows(service)}
    sent = {f"{route} ({name})" for route, names in sent_ids(service) for name in names}
    assert sent - rows - THE_TARGET_ITSELF.keys() == set()


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_cve_2026_44231_no_answer_has_a_field_for_a_secret(service: str) -> None:
    """RT: the list of users held the secrets of their feeds."""
    answered, schemas = answer_schemas(service), document_of(service)["components"]["schemas"]
    found = {f"{name}.{field}" for name in answered for field in schemas[name].get("properties", {})}
    assert {field for field in found if SECRET.search(field.partition(".")[2])} - SHOWN_ONCE.keys() == set()


def sent_ids(service: str) -> Iterator[tuple[str, set[str]]]:
    """Yield each route with the ids that its query and its body may hold."""
    document = document_of(service)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            names = {each["name"] for each in operation.get("parameters", []) if each.get("in") == "query"}
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            names |= set(properties(document, content.get("schema", {})))
            ids = {name for name in names if re.search(r"(?:^|_|\.)ids?$", name) or name in ("requester", "customer")}
            if ids:
                yield f"{method.upper()} {path}", ids


def properties(document: Mapping[str, Any], schema: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the names of a schema's fields, nested ones dotted."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for option in schema.get("anyOf", ()):
        yield from properties(document, option, prefix)
    for name, inner in schema.get("properties", {}).items():
        yield f"{prefix}{name}"
        yield from properties(document, inner, f"{prefix}{name}.")


def answer_schemas(service: str) -> set[str]:
    """Return the names of the schemas that answers use, directly or within others."""
    document = document_of(service)
    responses = [
        operation.get("responses", {})
        for path in document["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    ]
    waiting = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(responses)))
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document["components"]["schemas"][name])))
        waiting -= seen
    return seen


def test_every_test_that_the_security_page_names_exists() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/-]+\.py)::(\w+)`", text)
    assert len(named) >= 12
    for path, function in named:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        functions = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
        assert function in functions, f"{path}::{function}"
