"""A small service for requests."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response, g, request
from flask.testing import FlaskClient
from marshmallow import Schema, fields, validate
from service_kit.http.app import service_app
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.context import client_address
from service_kit.http.pages import PageQuery, decode_cursor, page
from service_kit.http.policy import allowed, public
from service_kit.identity import ADMIN, AGENT, HEADER, Caller, TokenSigner
from service_kit.service_settings import ServiceSettings, development_signing_key, read_service_settings
from service_kit.settings import Reader

SERVICE = "ai-service"


class NewThing(Schema):
    name = fields.String(required=True, validate=validate.Length(1, 20))
    size = fields.Integer(strict=True, validate=validate.Range(0, 100))
    parts = fields.List(fields.Nested({"label": fields.String(required=True)}))
    extra = fields.Dict(keys=fields.String())


class ThingView(Schema):
    name = fields.String(required=True)


class TeapotEmpty(Exception):
    """A domain error of the small service."""


def small_blueprint() -> Blueprint:
    things = Blueprint("things", __name__)

    @things.post("/things")
    @allowed(ADMIN, AGENT)
    @things.arguments(NewThing)
    @things.response(201, ThingView)
    def make(body: dict[str, Any]) -> Response:
        """Make one."""
        return json_response(body, 201)

    @things.post("/things/<int:thing_id>/start")
    @allowed(ADMIN)
    @things.response(202, ThingView)
    def start(thing_id: int) -> Response:
        """Start one; takes no body."""
        return json_response({"name": str(thing_id)}, 202)

    @things.delete("/things/<int:thing_id>/start")
    @allowed(ADMIN)
    @things.response(204)
    def remove(thing_id: int) -> Response:
        """Remove one; takes no body."""
        return Response(status=204)

    @things.post("/forms")
    @allowed(ADMIN)
    @things.response(201, ThingView)
    @things.doc(requestBody={"content": {"multipart/form-data": {"schema": {"type": "object"}}}})
    def take_form() -> Response:
        """Take a form that the view reads itself."""
        return json_response({"name": ",".join(request.form)}, 201)

    @things.get("/things/<int:thing_id>")
    @allowed(ADMIN)
    @things.response(200, ThingView)
    def show(thing_id: int) -> Response:
        """Show one."""
        return json_response({"name": str(thing_id)})

    @things.get("/things")
    @allowed(ADMIN)
    @things.arguments(PageQuery, location="query")
    @things.response(200, ThingView)
    def index(query: dict[str, Any]) -> Response:
        """List numbers up to ten."""
        after = decode_cursor(query["cursor"], [int]) or (0,)
        rows = list(range(after[0] + 1, min(after[0] + query["limit"] + 2, 11)))
        body, headers = page(rows, query["limit"], lambda row: (row,), "items", rows)
        return json_response(body, headers=headers)

    @things.get("/names/<name>")
    @allowed(ADMIN)
    def named(name: str) -> Response:
        """Echo a name."""
        return json_response({"name": name})

    @things.get("/whoami")
    @allowed(ADMIN, AGENT)
    def whoami() -> Response:
        """Return the caller and the cause of the request."""
        return json_response({"subject": g.caller.subject, "cause": g.cause.__dict__})

    @things.get("/from")
    @public
    def address() -> Response:
        """Return the client's address."""
        return json_response({"address": client_address()})

    @things.get("/broken")
    @public
    def broken() -> Response:
        """Fail with a secret in the message."""
        raise RuntimeError("password=hunter2")

    @things.get("/teapot")
    @public
    def teapot() -> Response:
        """Fail as the domain does."""
        raise TeapotEmpty("The teapot is empty.")

    return things


def settings_for(service: str = SERVICE, **more: str) -> ServiceSettings:
    reader = Reader({"SMARTTICKET_ENV": "development", **more})
    settings = ServiceSettings(**read_service_settings(reader, service=service, schema="ai", port=5002))
    reader.finish()
    return settings


def token(role: str = ADMIN, *, audience: str = SERVICE, company: int = 1, issuer: str = "api-gateway") -> str:
    signer = TokenSigner(issuer, development_signing_key(issuer))
    return signer.sign(Caller(company, role, "user-1", "Ada"), audience)


@pytest.fixture
def app() -> Flask:
    return service_app(settings_for(), None, [small_blueprint()], errors={TeapotEmpty: (409, "teapot_empty")})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def admin(client: FlaskClient) -> Callable[..., Any]:
    """Send a request as an admin."""

    def send(method: str, path: str, **options: Any) -> Any:
        headers = {HEADER: token(), **options.pop("headers", {})}
        return client.open(path, method=method, headers=headers, **options)

    return send
