"""Consumes the queue on which another system's tickets arrive."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from external_kit.celery_messages import read_task, unpack
from external_kit.message import ExternalMessage, Refused
from service_kit.database.engine import Database
from service_kit.http.context import request_id
from service_kit.telemetry.cause import Cause

from ticket_service.domain import hdts_signature
from ticket_service.domain.hdts import InvalidHdtsTicket, read_ticket
from ticket_service.metrics import TicketMetrics
from ticket_service.settings import HdtsSettings
from ticket_service.usecases.accept_hdts_ticket import CompanyDeleted, Outcome, Sent, accept_hdts_ticket
from ticket_service.usecases.request_context import RequestContext

if TYPE_CHECKING:
    from external_kit.external_queue import ExternalQueue

ACTOR = "hdts"
PAYLOAD_NAMES = ("ticket_data", "ticket")


def hdts_queue(settings: HdtsSettings, database: Database, metrics: TicketMetrics) -> "ExternalQueue":
    """Return the consumer of the queue."""
    # Imported here, because an embedded system has no RabbitMQ and does not need its library.
    from external_kit.external_queue import ExternalQueue

    def handle(message: ExternalMessage) -> None:
        sent = read_message(message, settings, datetime.now(UTC))
        context = RequestContext(settings.company_id, ACTOR, Cause(request_id(message.id)))
        try:
            with database.session(settings.company_id) as session:
                accepted = accept_hdts_ticket(session, database, sent, context)
        except CompanyDeleted as reason:
            raise Refused(f"company {settings.company_id}: {reason}") from reason
        metrics.count_hdts(accepted.outcome)
        if accepted.outcome is Outcome.CREATED:
            metrics.count_created()

    return ExternalQueue(settings.broker_url, settings.queue, handle, on_refused=lambda: metrics.count_hdts("refused"))


def read_message(message: ExternalMessage, settings: HdtsSettings, now: datetime) -> Sent:
    """Return the ticket of a message; raise Refused naming what is wrong."""
    body = unpack(message, settings.max_bytes)
    max_future = timedelta(seconds=settings.max_future_seconds)
    try:
        # Before the body is parsed: what isn't signed isn't read.
        sent_at = hdts_signature.check(message.headers, body, settings.secrets, now=now, max_future=max_future)
        return Sent(read_ticket(_ticket_of(read_task(message, body, PAYLOAD_NAMES).payload)), message.id, sent_at)
    except (hdts_signature.BadSignature, InvalidHdtsTicket) as reason:
        raise Refused(str(reason)) from reason


def _ticket_of(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in PAYLOAD_NAMES:
        inner = payload.get(name)
        if isinstance(inner, dict):
            return inner
    return payload
