"""`/api/notifications/unsubscribe`: by which a mail program ends the digest, without a token of the person."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint
from service_kit.http.policy import public
from service_kit.http.strictness import accept
from service_kit.http.text import not_blank

from notification_service.domain.unsubscribing import PATH
from notification_service.usecases.make_digests import end_digest

unsubscribing = Blueprint("unsubscribing", __name__, description="The end of the digest, from a mail.")
TEXT = "text/plain; charset=utf-8"
SHOWN = (
    "Opening this address changes nothing. The button of your mail program to unsubscribe ends the digest,"
    " and so does PUT /api/notifications/preferences.\n"
)
DONE = "You get no digest any more. PUT /api/notifications/preferences switches it on again.\n"


class TokenQuery(Schema):
    """The signed token of the address."""

    token = fields.String(
        required=True, validate=not_blank, metadata={"description": "The signed token of the address in a digest."}
    )


@unsubscribing.get(PATH)
@public
@unsubscribing.arguments(TokenQuery, location="query")
@unsubscribing.response(200, {"type": "string"}, content_type="text/plain")
def show_unsubscribing(query: dict[str, Any]) -> Response:
    """Say how to end the digest; nothing changes, because programs open the addresses in mails."""
    g.deps.unsubscribe_links.read(query["token"])
    return Response(SHOWN, content_type=TEXT)


@unsubscribing.post(PATH)
@public
@unsubscribing.arguments(TokenQuery, location="query")
@unsubscribing.response(200, {"type": "string"}, content_type="text/plain")
def unsubscribe(query: dict[str, Any]) -> Response:
    """End the digest of the person who got the mail (RFC 8058); once more changes nothing."""
    end_digest(g.deps.database, *g.deps.unsubscribe_links.read(query["token"]))
    return Response(DONE, content_type=TEXT)


# The form that mail programs send says nothing that the address doesn't.
accept(unsubscribe, body=True)
