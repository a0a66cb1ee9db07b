"""Reads what came back from the Messages API. Anything may have: no shape of it raises more than ClaudeFailed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from model_kit.claude.failure import ClaudeFailed
from model_kit.claude.usage import Usage

PASSING_ERRORS = frozenset({"overloaded_error", "api_error", "rate_limit_error", "timeout_error"})
"""Errors that may be gone at the next try, whatever status they come with."""

ENDED = frozenset({"end_turn", "stop_sequence"})
UNFINISHED = {
    # What was said is cut off somewhere, and half an answer is none.
    "max_tokens": "cut_off",
    "model_context_window_exceeded": "too_long",
    "refusal": "refused",
    # No tool was offered and no long turn asked for: there is nobody to go on with either.
    "tool_use": "unasked_tool",
    "pause_turn": "paused",
}
LONGEST_NAME = 200


@dataclass(frozen=True)
class Reply:
    """A finished answer."""

    text: str
    model: str
    """Who answered, as the answer signs; else who was asked."""
    usage: Usage | None = None
    """What it cost; None where the answer doesn't say."""


def error_kind(body: object) -> str | None:
    """Return the type of error that a body tells of, None where it is no error body."""
    if isinstance(body, Mapping) and body.get("type") == "error" and isinstance(body.get("error"), Mapping):
        kind = body["error"].get("type")
        return kind if isinstance(kind, str) else "unknown_error"
    return None


def parse(text: bytes) -> Any:
    """Return the JSON value of a body; raise ClaudeFailed where it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ClaudeFailed("malformed", "ill") from None


def read(body: object, model: str, usage: Usage | None = None) -> Reply:
    """Return what a message says, as the API answers it; raise ClaudeFailed where it is anything else.

    `model` is the one that was asked. A failure carries `usage` as well: whatever an answer is worth, it is billed.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("content"), list):
        raise ClaudeFailed("malformed", "ill", usage)
    stop_reason = str(body.get("stop_reason"))
    if stop_reason not in ENDED:
        raise ClaudeFailed(UNFINISHED.get(stop_reason, "unknown_stop_reason"), "well", usage)
    # By type, not by place: thinking may stand before the answer.
    said = "".join(_text(block) for block in body["content"])
    return Reply(said, plain(body.get("model")) or model, usage)


def plain(value: object) -> str | None:
    """Return a name that a database can keep, None where it is none."""
    return value[:LONGEST_NAME] if isinstance(value, str) and value.isprintable() and value else None


def object_in(text: str) -> Mapping[str, Any] | None:
    """Find a JSON object in a text, alone or wrapped in words; None where there is none.

    Servers that only resemble the API ignore the schema that was asked for, and then it is up to the model.
    """
    for candidate in (text, text[text.find("{") : text.rfind("}") + 1]):
        try:
            value = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, Mapping):
            return value
    return None


def _text(block: object) -> str:
    if isinstance(block, Mapping) and block.get("type") == "text" and isinstance(block.get("text"), str):
        return str(block["text"])
    return ""
