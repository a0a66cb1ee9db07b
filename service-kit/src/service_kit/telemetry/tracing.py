"""W3C trace context (https://www.w3.org/TR/trace-context/) without an SDK or an exporter."""

import os
import re

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})\Z")
NO_TRACE, NO_SPAN = "0" * 32, "0" * 16


def continue_traceparent(received: str | None) -> str:
    """Return a traceparent with a new span: in the received trace, or in a new one without a valid traceparent."""
    match = _TRACEPARENT.match(received) if received else None
    if match is None or match[1] == NO_TRACE or match[2] == NO_SPAN:
        random = os.urandom(24).hex()
        return f"00-{random[:32]}-{random[32:]}-01"
    return f"00-{match[1]}-{os.urandom(8).hex()}-{match[3]}"


def trace_id(traceparent: str) -> str:
    """Return the trace id of a traceparent, "" for a malformed one."""
    match = _TRACEPARENT.match(traceparent)
    return match[1] if match else ""
