"""Postmark's inbound stream: JSON with `RawEmail`. It signs nothing; the password stands in the webhook's address."""

import base64
import binascii
import hmac

import orjson

from notification_service.ports import BadDelivery, Delivered, Incoming


class Postmark:
    """`https://desk:SECRET@…/postmark`."""

    def delivered(self, incoming: Incoming) -> Delivered:
        """Return the mail and whom it is for; raise BadDelivery."""
        try:
            sent = orjson.loads(incoming.body)
        except orjson.JSONDecodeError as error:
            raise BadDelivery("body", "Must be JSON.") from error
        raw = sent.get("RawEmail") if isinstance(sent, dict) else None
        if not isinstance(raw, str) or not raw:
            raise BadDelivery("RawEmail", "Missing: switch on 'Include raw email content in JSON payload'.")
        full = sent.get("ToFull")
        named = [each.get("Email") for each in full if isinstance(each, dict)] if isinstance(full, list) else []
        recipients = [each for each in (sent.get("OriginalRecipient"), *named) if isinstance(each, str) and each]
        return Delivered(tuple(recipients), raw.encode("utf-8", "replace"))

    def verifies(self, incoming: Incoming, secret: str, now: float) -> bool:
        """Return whether the request has the password, under any name."""
        del now
        scheme, _, credentials = incoming.header("authorization").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            password = base64.b64decode(credentials, validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(password, secret.encode())

    def fault_of(self, secret: str) -> str:
        """Return what is wrong with a secret: nothing, it is made here."""
        del secret
        return ""
