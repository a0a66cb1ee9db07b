"""Reads what a call used out of its answer. Anything may stand there; what is no number of tokens is none."""

from collections.abc import Mapping

from model_kit.claude.prices import Prices
from model_kit.claude.reply import plain
from model_kit.claude.usage import MOST_TOKENS, Tokens, Usage


def usage(body: object, model: str, request_id: str | None, prices: Prices) -> Usage | None:
    """Return what an answered call used, None where the answer doesn't say. `model` is the one that was asked.

    A refusal or an answer that was cut off is billed like any other.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("usage"), Mapping):
        return None
    told = body["usage"]
    tokens = Tokens(
        _count(told.get("input_tokens")),
        _count(told.get("output_tokens")),
        _count(told.get("cache_read_input_tokens")),
        _count(told.get("cache_creation_input_tokens")),
    )
    answered_by = plain(body.get("model")) or model
    return Usage(answered_by, tokens, prices.of(answered_by, tokens), plain(request_id))


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS else 0
