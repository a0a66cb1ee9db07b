"""Load shedding: while requests wait long for a thread, those that can wait are refused at once.

Otherwise the queue grows until every answer comes too late for its client, and all the work is done for nothing.
"""

from collections.abc import Mapping
from typing import Any

from http_server.exchange import WAITED_SECONDS
from service_kit.http.problems import Unavailable

MAX_WAITED_SECONDS = 1.0
"""A tenth of the usual deadline. A burst that the threads can take waits for milliseconds."""
RETRY_AFTER_SECONDS = 1


def refuse_late(environ: Mapping[str, Any]) -> None:
    """Raise Unavailable (503) for a request that waited more than MAX_WAITED_SECONDS for a thread."""
    if environ.get(WAITED_SECONDS, 0.0) > MAX_WAITED_SECONDS:
        raise Unavailable(
            "The gateway has too much to do at the moment.", retry_after=RETRY_AFTER_SECONDS, code="overloaded"
        )
