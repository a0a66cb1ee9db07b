"""`/internal/revocations`: what the gateway must refuse although it has not expired."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.problems import Forbidden
from service_kit.identity import SERVICE
from service_kit.service_settings import GATEWAY

from auth_service.store import revocations as store

KEPT = timedelta(minutes=16)
"""A revocation matters as long as an access token can be valid, with a minute for clocks that differ."""

revocations = Blueprint("revocations", __name__, description="Revoked sessions, users and API keys, for the gateway.")


class RevocationQuery(Schema):
    """From when on; the last 16 minutes without it, and at most."""

    since = fields.AwareDateTime(load_default=None, default_timezone=UTC)


class RevocationView(Schema):
    """The id of a session or API key, or the subject of a user.

    Earlier tokens and keys of a `user` are void until verified again; a `role` concerns the keys alone.
    """

    kind = fields.String(required=True)
    id = fields.String(required=True)
    revoked_at = fields.DateTime(required=True)


class RevocationList(Schema):
    """Revocations, the oldest first."""

    items = fields.List(fields.Nested(RevocationView), required=True)


@revocations.get("/internal/revocations")
@allowed(SERVICE)
@revocations.arguments(RevocationQuery, location="query")
@revocations.response(200, RevocationList)
def list_revocations(query: dict[str, Any]) -> Response:
    """List what was revoked lately in all companies; for the gateway alone."""
    if g.caller.subject != GATEWAY:
        raise Forbidden("Only the gateway reads the revocations of all companies.")
    earliest = datetime.now(UTC) - KEPT
    since = max(query["since"], earliest) if query["since"] else earliest
    return json_response({"items": [row._asdict() for row in store.since(g.session, since)]})
