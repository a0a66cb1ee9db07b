"""A local server with the Messages API that answers with departments, for tests.

    with MessagesApi() as api:
        api.script(Status(529), says("HR", 88))   # the first two calls; Status is of model_kit.claude.testing

Without a script it answers with the first department of the request's schema.
"""

from typing import Any

import orjson
from model_kit.claude import testing
from model_kit.claude.testing import Status


def says(department: object, confidence: object = 90, reason: object = "It says so.", **more: Any) -> Status:
    """Return a reply with this department, confidence and reason; `stop_reason` and other fields by name."""
    text = orjson.dumps({"department": department, "confidence": confidence, "reason": reason}).decode()
    return testing.says(text, **more)


class MessagesApi(testing.MessagesApi):
    """The server, a context manager."""

    def __init__(self) -> None:
        super().__init__(_first_department)


def _first_department(body: dict[str, Any]) -> Status:
    try:
        return says(body["output_config"]["format"]["schema"]["properties"]["department"]["enum"][0])
    except (KeyError, IndexError, TypeError):
        return Status(400)
