"""A service with a real schema: the kit's tables and one more."""

from collections.abc import Callable
from typing import Any

import pytest
import smartticket_contracts
from eventbus.contracts import Contracts
from eventbus.metrics import register_table_metrics
from eventbus.publish import outbox
from flask import Flask, Response, g
from flask.testing import FlaskClient
from marshmallow import Schema, fields
from operations_kit.http.dead_letters import dead_letters
from operations_kit.http.trace import trace
from service_kit.http.app import service_app
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, HEADER, Caller, TokenSigner
from service_kit.service_settings import ServiceSettings, development_signing_key, read_service_settings
from service_kit.settings import Reader
from service_kit.telemetry.metrics import Metrics
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text

SERVICE = "ai-service"


class Thing(Schema):
    name = fields.String(required=True)


@pytest.fixture
def made(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    found = service_database("kit", "service_kit.testing.migrations")
    found.clean()
    return found


@pytest.fixture
def app(made: ServiceDatabase) -> Flask:
    things = Blueprint("things", __name__)

    @things.post("/things")
    @allowed(ADMIN)
    @things.arguments(Thing)
    def make(body: dict[str, Any]) -> Response:
        """Leave a tombstone, the kit's simplest row, as the effect."""
        idempotency_key = read_idempotency_key(
            lambda name: json_response({"name": name}, 201, {"Location": f"/things/{name}"})
        )
        with g.session.begin():
            idempotency_key.claim(g.session)
            row = {"company": g.caller.company_id, "subject": body["name"]}
            g.session.execute(text("insert into tombstones (company_id, subject) values (:company, :subject)"), row)
            idempotency_key.store(g.session, body["name"])
        return json_response({"name": body["name"]}, 201, {"Location": f"/things/{body['name']}"})

    reader = Reader({"SMARTTICKET_ENV": "development"})
    settings = ServiceSettings(**read_service_settings(reader, service=SERVICE, schema="kit", port=5002))
    outbox.connect(made.database, Contracts.load(smartticket_contracts.folder()))
    metrics = Metrics(SERVICE)
    register_table_metrics(metrics, made.database)
    return service_app(settings, made.database, [dead_letters, trace, things], metrics=metrics)


@pytest.fixture
def send(app: Flask) -> Callable[..., Any]:
    """Send a request as an admin of a company."""

    def request(method: str, path: str, *, company: int = 1, subject: str = "ada", **options: Any) -> Any:
        signer = TokenSigner("api-gateway", development_signing_key("api-gateway"))
        token = signer.sign(Caller(company, ADMIN, subject, "Ada"), SERVICE)
        client: FlaskClient = app.test_client()
        return client.open(path, method=method, headers={HEADER: token, **options.pop("headers", {})}, **options)

    return request
