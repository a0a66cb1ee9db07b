"""Consumes the queue to which external producers send Celery messages."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause

from rag_service.adapters.files import ExternalFiles
from rag_service.domain.celery_compat import parse_message
from rag_service.domain.errors import InvalidExternalEvent
from rag_service.usecases.accept_event import accept_event

if TYPE_CHECKING:
    from eventbus.bus.rabbitmq.external_queue import ExternalQueue


def external_queue(url: str, queue: str, database: Database, files: ExternalFiles) -> "ExternalQueue":
    """Return the consumer of the queue; once started, it runs as long as the process."""
    # Imported here, because an embedded system has no RabbitMQ and does not need its library.
    from eventbus.bus.rabbitmq.external_queue import ExternalQueue, Refused

    def handle(body: bytes, headers: Mapping[str, Any]) -> None:
        try:
            request = parse_message(body, headers)
            cause = Cause(request_id=str(headers.get("id") or uuid4().hex)[:128])
            with database.session(request.company_id) as session:
                accept_event(session, request, files.relative, cause)
        except InvalidExternalEvent as reason:
            raise Refused(str(reason)) from reason

    return ExternalQueue(url, queue, handle)
