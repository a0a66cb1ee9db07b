"""Reads what Claude said. Anything may stand there: unknown numbers, wrong types and endless texts are left out."""

from collections.abc import Mapping
from typing import Any, get_args

from model_kit.claude.reply import find_json_object

from rag_service.domain.answering.refusal import Reason
from rag_service.usecases.writing import Written

MOST_PIECES = 10
LONGEST_PIECE = 600
LONGEST_QUESTION = 500


class Malformed(Exception):
    """It is no answer to what was asked."""


def steps(text: str, passages: int) -> tuple[list[Written], bool]:
    """Return the steps and whether a person is needed; raise Malformed. `passages` is how many were given."""
    said = _object(text)
    if not isinstance(said.get("steps"), list):
        raise Malformed
    return _pieces(said["steps"], passages), said.get("needs_human") is True


def sentences(text: str, passages: int) -> tuple[list[Written], Reason | None]:
    """Return the sentences and why there are none; raise Malformed."""
    said = _object(text)
    if not isinstance(said.get("sentences"), list):
        raise Malformed
    refusal: Reason | None = next((reason for reason in get_args(Reason) if reason == said.get("refusal")), None)
    return _pieces(said["sentences"], passages), refusal


def question(text: str) -> str:
    """Return a question on one line; raise Malformed."""
    said = _object(text).get("question")
    if not isinstance(said, str) or not said.strip() or len(said) > LONGEST_QUESTION:
        raise Malformed
    return " ".join(said.split())


def order(text: str, passages: int) -> tuple[int, ...]:
    """Return places from 0, each at most once; raise Malformed."""
    return tuple(number - 1 for number in _numbers(_object(text).get("order"), passages))


def _object(text: str) -> Mapping[str, Any]:
    said = find_json_object(text)
    if said is None:
        raise Malformed
    return said


def _pieces(said: list[Any], passages: int) -> list[Written]:
    found = []
    for each in said[:MOST_PIECES]:
        if not isinstance(each, Mapping) or not isinstance(each.get("text"), str):
            continue
        text = " ".join(each["text"].split())
        numbers = _numbers(each.get("passages"), passages) if isinstance(each.get("passages"), list) else ()
        # A piece that rests on nothing is no answer, whatever it says; half of a long one isn't either.
        if text and numbers and len(text) <= LONGEST_PIECE:
            found.append(Written(text, numbers))
    return found


def _numbers(said: object, passages: int) -> tuple[int, ...]:
    if not isinstance(said, list):
        raise Malformed
    whole = (each for each in said if isinstance(each, int) and not isinstance(each, bool))
    return tuple(dict.fromkeys(each for each in whole if 1 <= each <= passages))
