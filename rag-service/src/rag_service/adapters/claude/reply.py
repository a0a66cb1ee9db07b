"""Parses Claude's replies. Unknown passage numbers, wrong types and overlong texts are dropped."""

from collections.abc import Mapping
from typing import Any, get_args

from model_kit.claude.reply import find_json_object

from rag_service.domain.answering.refusal import Reason
from rag_service.usecases.writer import DraftSentence

MAX_PIECES = 10
MAX_PIECE_CHARACTERS = 600
MAX_QUESTION_CHARACTERS = 500


class Malformed(Exception):
    """The reply does not have the requested form."""


def steps(text: str, passages: int) -> tuple[list[DraftSentence], bool]:
    """Return the steps and whether a person is needed; raise Malformed. `passages` is how many were given."""
    parsed = _object(text)
    if not isinstance(parsed.get("steps"), list):
        raise Malformed
    return _pieces(parsed["steps"], passages), parsed.get("needs_human") is True


def sentences(text: str, passages: int) -> tuple[list[DraftSentence], Reason | None]:
    """Return the sentences and why there are none; raise Malformed."""
    parsed = _object(text)
    if not isinstance(parsed.get("sentences"), list):
        raise Malformed
    refusal: Reason | None = next((reason for reason in get_args(Reason) if reason == parsed.get("refusal")), None)
    return _pieces(parsed["sentences"], passages), refusal


def question(text: str) -> str:
    """Return a question on one line; raise Malformed."""
    parsed = _object(text).get("question")
    if not isinstance(parsed, str) or not parsed.strip() or len(parsed) > MAX_QUESTION_CHARACTERS:
        raise Malformed
    return " ".join(parsed.split())


def order(text: str, passages: int) -> tuple[int, ...]:
    """Return places from 0, each at most once; raise Malformed."""
    return tuple(number - 1 for number in _numbers(_object(text).get("order"), passages))


def _object(text: str) -> Mapping[str, Any]:
    parsed = find_json_object(text)
    if parsed is None:
        raise Malformed
    return parsed


def _pieces(parsed: list[Any], passages: int) -> list[DraftSentence]:
    found = []
    for each in parsed[:MAX_PIECES]:
        if not isinstance(each, Mapping) or not isinstance(each.get("text"), str):
            continue
        text = " ".join(each["text"].split())
        numbers = _numbers(each.get("passages"), passages) if isinstance(each.get("passages"), list) else ()
        # A piece without a citation is no answer, and neither is half of a long one.
        if text and numbers and len(text) <= MAX_PIECE_CHARACTERS:
            found.append(DraftSentence(text, numbers))
    return found


def _numbers(parsed: object, passages: int) -> tuple[int, ...]:
    if not isinstance(parsed, list):
        raise Malformed
    whole = (each for each in parsed if isinstance(each, int) and not isinstance(each, bool))
    return tuple(dict.fromkeys(each for each in whole if 1 <= each <= passages))
