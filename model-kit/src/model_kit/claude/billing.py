"""Reads a call's token usage from its response. A value that is not a valid number of tokens counts as 0."""

from collections.abc import Mapping

from model_kit.claude.prices import Prices
from model_kit.claude.reply import printable_name
from model_kit.claude.usage import MAX_TOKENS, Tokens, Usage


def usage_of(body: object, model: str, request_id: str | None, prices: Prices) -> Usage | None:
    """Return the usage that a response states, None if it states none. `model` is the model that was requested.

    Refusals and truncated responses are billed like any other.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("usage"), Mapping):
        return None
    stated = body["usage"]
    tokens = Tokens(
        _count(stated.get("input_tokens")),
        _count(stated.get("output_tokens")),
        _count(stated.get("cache_read_input_tokens")),
        _count(stated.get("cache_creation_input_tokens")),
    )
    answering_model = printable_name(body.get("model")) or model
    return Usage(answering_model, tokens, prices.of(answering_model, tokens), printable_name(request_id))


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_TOKENS else 0
