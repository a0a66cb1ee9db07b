"""Sends messages to receivers of webhooks: to permitted addresses alone, within one deadline."""

import re
import time
from collections.abc import Mapping

from outbound_kit.client import AddressRefused, Answer, CallFailed, OutboundHttp
from outbound_kit.name_resolution import ResolverBusy
from service_kit.http_client import retry_after_seconds
from service_kit.telemetry.logs import get_logger

from notification_service.domain.webhook_delivery import Outcome

MAX_READ_BYTES = 64 * 1024
MAX_KEPT_CHARACTERS = 1024
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffd]+")

log = get_logger(__name__)


class WebhookHttp:
    """One connection per message; threads share it."""

    def __init__(self, http: OutboundHttp, seconds: float) -> None:
        """`seconds` is the time for a whole call, look-up of the name included."""
        self._http, self._seconds = http, seconds

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Send a message once and return what came of it."""
        began = time.monotonic()
        sent = {**headers, "Content-Type": "application/json", "User-Agent": "Smart-Ticket-Webhooks/1"}
        try:
            answer = self._http.send(
                "POST", url, until=began + self._seconds, max_bytes=MAX_READ_BYTES, body=body, headers=sent
            )
        except AddressRefused as error:
            # A company must not learn the inside's addresses.
            log.warning("webhook to a private address", error=str(error))
            return Outcome(None, "the name doesn't lead to a public address", milliseconds=_since(began))
        except (CallFailed, ValueError) as error:
            return Outcome(None, str(error), milliseconds=_since(began))
        except ResolverBusy:
            return Outcome(None, "too many names are being resolved at once", milliseconds=_since(began))
        return _outcome(answer, _since(began))


def _outcome(answer: Answer, milliseconds: int) -> Outcome:
    reason = f"answered {answer.status}"
    if 300 <= answer.status < 400:
        reason += ", and redirects aren't followed"
    text = _UNPRINTABLE.sub(" ", answer.body[: 4 * MAX_KEPT_CHARACTERS].decode("utf-8", "replace"))
    retry_after = retry_after_seconds(answer.headers.get("Retry-After"))
    return Outcome(answer.status, reason, text[:MAX_KEPT_CHARACTERS], milliseconds, retry_after)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
