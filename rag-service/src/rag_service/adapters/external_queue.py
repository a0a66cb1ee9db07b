"""Consumes the queue to which external producers send Celery messages."""

from typing import TYPE_CHECKING
from uuid import uuid4

from external_kit.celery_messages import read_task, unpack
from external_kit.message import ExternalMessage, Refused
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause

from rag_service.adapters.files import ExternalFiles
from rag_service.domain.errors import InvalidExternalEvent
from rag_service.domain.external_events import ExternalRequest, parse_event, parse_object
from rag_service.usecases.accept_event import accept_event

if TYPE_CHECKING:
    from external_kit.external_queue import ExternalQueue

MAX_BYTES = 1_000_000
PAYLOAD_NAMES = ("payload", "event", "data")


def external_queue(url: str, queue: str, database: Database, files: ExternalFiles) -> "ExternalQueue":
    """Return the consumer of the queue; once started, it runs as long as the process."""
    # Imported here, because an embedded system has no RabbitMQ and does not need its library.
    from external_kit.external_queue import ExternalQueue

    def handle(message: ExternalMessage) -> None:
        try:
            request = read_request(message)
            cause = Cause(request_id=(message.id or uuid4().hex)[:128])
            with database.session(request.company_id) as session:
                accept_event(session, request, files.relative, cause)
        except InvalidExternalEvent as reason:
            raise Refused(str(reason)) from reason

    return ExternalQueue(url, queue, handle)


def read_request(message: ExternalMessage) -> ExternalRequest:
    """Return the request of a message; raise Refused or InvalidExternalEvent with the reason."""
    task = read_task(message, unpack(message, MAX_BYTES), PAYLOAD_NAMES)
    return parse_object(task.payload) if task.name is None else parse_event(task.name, task.payload)
