"""Reads what came back from the Messages API. Anything may have: no shape of it raises more than RungFailed."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from ai_service.domain.answer import Proposal
from ai_service.domain.ladder import RungFailed

PASSING_ERRORS = frozenset({"overloaded_error", "api_error", "rate_limit_error", "timeout_error"})
"""Errors that may be gone at the next try, whatever status they come with."""

ENDED = frozenset({"end_turn", "stop_sequence"})
UNFINISHED = {
    # The JSON is cut off somewhere, and half an answer is none.
    "max_tokens": "cut_off",
    "model_context_window_exceeded": "too_long",
    "refusal": "refused",
    # No tool was offered and no long turn asked for: there is nobody to go on with either.
    "tool_use": "unasked_tool",
    "pause_turn": "paused",
}

_LINE = re.compile(r"^\W*(department|confidence|reason)\W*:[\s*_]*(.*?)[\s*_]*$", re.IGNORECASE | re.MULTILINE)


def error_kind(body: object) -> str | None:
    """Return the type of error that a body tells of, None where it is no error body."""
    if isinstance(body, Mapping) and body.get("type") == "error" and isinstance(body.get("error"), Mapping):
        kind = body["error"].get("type")
        return kind if isinstance(kind, str) else "unknown_error"
    return None


def parse(text: bytes) -> Any:
    """Return the JSON value of a body; raise RungFailed where it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise RungFailed("malformed", "ill") from None


def read(body: object, model: str) -> Proposal:
    """Make a proposal of a message as the API answers it; raise RungFailed where it is anything else."""
    if not isinstance(body, Mapping) or not isinstance(body.get("content"), list):
        raise RungFailed("malformed", "ill")
    stop_reason = str(body.get("stop_reason"))
    if stop_reason not in ENDED:
        raise RungFailed(UNFINISHED.get(stop_reason, "unknown_stop_reason"), "well")
    # By type, not by place: thinking may stand before the answer.
    said = _object("".join(_text(block) for block in body["content"]))
    answered_by = body.get("model")
    return Proposal(
        said.get("department"),
        said.get("confidence"),
        said.get("reason"),
        answered_by[:200] if isinstance(answered_by, str) and answered_by else model,
    )


def _text(block: object) -> str:
    if isinstance(block, Mapping) and block.get("type") == "text" and isinstance(block.get("text"), str):
        return str(block["text"])
    return ""


def _object(text: str) -> Mapping[str, Any]:
    """Find the answer in a text: JSON, JSON wrapped in words, or lines such as `Department: HR`.

    Servers that only resemble the API ignore the schema that was asked for, and then it is up to the model.
    """
    for candidate in (text, text[text.find("{") : text.rfind("}") + 1]):
        try:
            value = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, Mapping):
            return value
    lines = {name.casefold(): value for name, value in _LINE.findall(text)}
    if "department" not in lines:
        raise RungFailed("malformed", "well")
    return lines
