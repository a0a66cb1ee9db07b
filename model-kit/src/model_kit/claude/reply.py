"""Reads responses of the Messages API. Whatever the body holds, no other exception than ClaudeFailed is raised."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from model_kit.claude.failure import ClaudeFailed
from model_kit.claude.usage import Usage

TRANSIENT_ERRORS = frozenset({"overloaded_error", "api_error", "rate_limit_error", "timeout_error"})
"""Errors that may not occur at the next attempt, whatever status they come with."""

FINISHED = frozenset({"end_turn", "stop_sequence"})
UNFINISHED = {
    # The answer is truncated, and a partial answer is not used.
    "max_tokens": "cut_off",
    "model_context_window_exceeded": "too_long",
    "refusal": "refused",
    # The request offers no tool and no long turn, so nothing here could continue the conversation.
    "tool_use": "unasked_tool",
    "pause_turn": "paused",
}
MAX_NAME_CHARACTERS = 200


@dataclass(frozen=True)
class Reply:
    """A finished answer."""

    text: str
    model: str
    """The model that answered, as the response states it; else the model that was requested."""
    usage: Usage | None = None
    """The tokens and their cost; None if the response states none."""


def error_kind(body: object) -> str | None:
    """Return the type of error in an error body, None for any other body."""
    if isinstance(body, Mapping) and body.get("type") == "error" and isinstance(body.get("error"), Mapping):
        kind = body["error"].get("type")
        return kind if isinstance(kind, str) else "unknown_error"
    return None


def parse(text: bytes) -> Any:
    """Return the JSON value of a body. Raises ClaudeFailed if it is not JSON."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ClaudeFailed("malformed", "ill") from None


def read(body: object, model: str, usage: Usage | None = None) -> Reply:
    """Return the text of a finished message. Raises ClaudeFailed for any other body.

    `model` is the model that was requested. The error carries `usage` as well, because unusable answers are billed too.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("content"), list):
        raise ClaudeFailed("malformed", "ill", usage)
    stop_reason = str(body.get("stop_reason"))
    if stop_reason not in FINISHED:
        raise ClaudeFailed(UNFINISHED.get(stop_reason, "unknown_stop_reason"), "well", usage)
    # Blocks are chosen by type, not by position: a thinking block may precede the answer.
    text = "".join(_text(block) for block in body["content"])
    return Reply(text, printable_name(body.get("model")) or model, usage)


def printable_name(value: object) -> str | None:
    """Return a name that a database can store, cut to MAX_NAME_CHARACTERS; None for anything else."""
    return value[:MAX_NAME_CHARACTERS] if isinstance(value, str) and value.isprintable() and value else None


def find_json_object(text: str) -> Mapping[str, Any] | None:
    """Return the JSON object in a text, alone or surrounded by words; None if there is none.

    Servers that only imitate the API ignore the requested schema, and then the model may add words.
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
