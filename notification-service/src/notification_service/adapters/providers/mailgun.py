"""Mailgun's routes: a form with `body-mime`, signed within the form. The signature doesn't cover the mail."""

import hashlib
import hmac
import re

from notification_service.adapters.providers.forms import form_fields
from notification_service.ports import BadDelivery, Delivered, Incoming

MAX_AGE_SECONDS = 24 * 3600
"""Mailgun tries for eight hours. Its tokens are kept longer than this, so that none is used for another mail."""
MAX_TOKEN_CHARACTERS = 200
_KEY = re.compile(r"[A-Za-z0-9_-]{8,128}")


class Mailgun:
    """Mailgun sends the whole mail where the route's address ends in `mime`."""

    def delivered(self, incoming: Incoming) -> Delivered:
        """Return the mail and whom it is for; raise BadDelivery."""
        fields = form_fields(incoming)
        raw = fields.get("body-mime")
        if not raw:
            raise BadDelivery("body-mime", "Missing: the route's address must end in mime, so that it has the mail.")
        recipient = fields.get("recipient", b"").decode("utf-8", "replace")
        token = fields.get("token", b"").decode("ascii", "replace")[:MAX_TOKEN_CHARACTERS]
        return Delivered(tuple(each.strip() for each in recipient.split(",")), raw, token or None)

    def verifies(self, incoming: Incoming, secret: str, now: float) -> bool:
        """Return whether the form has the signature of its token and time."""
        fields = form_fields(incoming)
        sent_at, token = fields.get("timestamp", b""), fields.get("token", b"")
        if not sent_at.isdigit() or not token or abs(now - int(sent_at)) > MAX_AGE_SECONDS:
            return False
        expected = hmac.new(secret.encode(), sent_at + token, hashlib.sha256).hexdigest().encode()
        return hmac.compare_digest(expected, fields.get("signature", b""))

    def fault_of(self, secret: str) -> str:
        """Return what is wrong with a signing key, '' where it may be one."""
        return "" if _KEY.fullmatch(secret) else "Must be the HTTP webhook signing key: letters, digits and hyphens."
