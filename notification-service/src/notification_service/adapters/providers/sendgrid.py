"""SendGrid's Inbound Parse with the raw mail: a form with `email`, signed by the key of a security policy."""

import base64

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from notification_service.adapters.providers.forms import form_fields
from notification_service.ports import BadDelivery, Delivered, Incoming

MAX_AGE_SECONDS = 4 * 24 * 3600
"""SendGrid tries for 72 hours, drops a mail for good at an answer of 4xx, and doesn't document whether it signs
each try anew: a shorter limit could lose mails. A mail that comes twice is stored once."""


class SendGrid:
    """The signature covers the time and the whole body."""

    def delivered(self, incoming: Incoming) -> Delivered:
        """Return the mail and whom it is for; raise BadDelivery."""
        fields = form_fields(incoming)
        raw = fields.get("email")
        if not raw:
            raise BadDelivery("email", "Missing: switch on 'POST the raw, full MIME message'.")
        try:
            envelope = orjson.loads(fields.get("envelope", b"{}"))
        except orjson.JSONDecodeError as error:
            raise BadDelivery("envelope", "Must be JSON.") from error
        to = envelope.get("to") if isinstance(envelope, dict) else None
        recipients = [each for each in to if isinstance(each, str)] if isinstance(to, list) else []
        return Delivered(tuple(recipients), raw)

    def verifies(self, incoming: Incoming, secret: str, now: float) -> bool:
        """Return whether time and body have the signature of a public key."""
        sent_at = incoming.header("x-twilio-email-event-webhook-timestamp")
        if not sent_at.isdecimal() or abs(now - int(sent_at)) > MAX_AGE_SECONDS:
            return False
        try:
            signature = base64.b64decode(incoming.header("x-twilio-email-event-webhook-signature"), validate=True)
        except ValueError:
            return False
        key = _key(secret)
        if key is None:
            return False
        try:
            key.verify(signature, sent_at.encode() + incoming.body, ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True

    def fault_of(self, secret: str) -> str:
        """Return what is wrong with a verification key, '' for nothing."""
        if _key(secret) is not None:
            return ""
        return "Must be the verification key: a public EC key, DER in base64, without lines of BEGIN and END."


def _key(secret: str) -> EllipticCurvePublicKey | None:
    """Return a verification key, None where the text is none."""
    try:
        key = load_der_public_key(base64.b64decode(secret, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, EllipticCurvePublicKey) else None
