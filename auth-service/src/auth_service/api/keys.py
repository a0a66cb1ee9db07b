"""`/.well-known/jwks.json`: the keys that verify access tokens."""

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import public

keys = Blueprint("keys", __name__, description="Keys that verify access tokens.")

# Much shorter than the day for which a key is published before it signs.
CACHE = "public, max-age=300"


class KeySet(Schema):
    """A JSON Web Key Set (RFC 7517)."""

    keys = fields.List(fields.Dict(), required=True)


@keys.get("/.well-known/jwks.json")
@public
@keys.response(200, KeySet)
def get_keys() -> Response:
    """List the public keys of access tokens."""
    return json_response(g.deps.signing_keys.published(), headers={"Cache-Control": CACHE})
