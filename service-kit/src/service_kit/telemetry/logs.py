"""JSON logs on one stream. Each line gets request and trace ids from the current Cause.

Only entry points call `configure_logging`. All other modules use `log = get_logger(__name__)`.
"""

import logging
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, TextIO

import orjson
import structlog

from service_kit.telemetry.cause import Cause
from service_kit.telemetry.tracing import trace_id

service_name: ContextVar[str] = ContextVar("service_name", default="")
"""The service that this thread serves; several services share a process in embedded mode."""

current_cause: ContextVar[Cause | None] = ContextVar("current_cause", default=None)
"""The cause of the current request or event. It is read only when a line is written."""


def get_logger(name: str) -> Any:
    """Return a structlog logger. An event is a short constant text; variable values are fields."""
    return structlog.get_logger(name)


def configure_logging(level: str = "INFO", stream: TextIO | None = None, *, service: str = "") -> None:
    """Send structlog and the standard library's logs as JSON lines to `stream` (standard output by default)."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        _add_context(service),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # pika logs a traceback for every refused connection; the bus adapter raises BusDown instead.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _add_context(service: str) -> Any:
    def add(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        name = service_name.get() or service
        if name:
            event.setdefault("service", name)
        cause = current_cause.get()
        if cause is not None:
            event.setdefault("request_id", cause.request_id)
            if cause.traceparent:
                event.setdefault("trace_id", trace_id(cause.traceparent))
            if cause.event_id:
                event.setdefault("event_id", cause.event_id)
        return event

    return add


def _render(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
