"""Any program: the mail itself as the body, signed as Standard Webhooks says."""

import base64
import binascii
import hashlib
import hmac

from notification_service.ports import BadDelivery, Delivered, Incoming

TOLERANCE_SECONDS = 300
_PREFIX = "whsec_"


class Generic:
    """`POST …/generic?recipient=desk@company.example`, with the mail as the body."""

    def delivered(self, incoming: Incoming) -> Delivered:
        """Return the mail and whom it is for; raise BadDelivery."""
        if not incoming.body:
            raise BadDelivery("body", "Missing: the body is the mail.")
        return Delivered((incoming.recipient,), incoming.body)

    def verifies(self, incoming: Incoming, secret: str, now: float) -> bool:
        """Return whether the request was signed with a secret, a short time ago."""
        name, sent_at = incoming.header("webhook-id"), incoming.header("webhook-timestamp")
        if not name or not sent_at.isdecimal() or abs(now - int(sent_at)) > TOLERANCE_SECONDS:
            return False
        try:
            key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            return False
        signed = f"{name}.{sent_at}.".encode() + incoming.body
        expected = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
        signatures = incoming.header("webhook-signature").encode("utf-8", "replace").split()
        return any(hmac.compare_digest(expected, each) for each in signatures)

    def fault_of(self, secret: str) -> str:
        """Return what is wrong with a secret: nothing, it is made here."""
        del secret
        return ""
