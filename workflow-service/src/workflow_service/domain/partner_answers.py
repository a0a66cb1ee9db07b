"""Reads the answers of AMS and BMS. They come from outside: nothing is taken for granted, least of all an approval."""

import json
from collections.abc import Mapping
from typing import Any

from workflow_service.domain.external import APPROVED, FAILED, REFUSED, UNKNOWN, WAITING, Verdict

MAX_KEPT_BYTES = 16 * 1024
MAX_TEXT_CHARACTERS = 500
MAX_DEPTH = 10
MAX_DIGITS = 15
RESERVED = frozenset({"reserved", "confirmed", "approved"})
NOT_RESERVED = frozenset({"refused", "rejected", "denied", "unavailable", "cancelled"})
AWAITED = frozenset({"pending", "requested"})
OVERLOADED = frozenset({429, 503})
"""Statuses of a request that the partner has not begun; after other errors of a server it may have."""
_ASSET_TEXTS = ("reservation_id", "status", "asset_id", "valid_until")
_BUDGET_TEXTS = ("budget_line_id", "approval_id", "approved_by", "approved_at", "rejection_code")
_SHOWN = frozenset({*_ASSET_TEXTS, *_BUDGET_TEXTS, "approved", "reason", "error"})


class BadAnswer(Exception):
    """The answer is not what the partner's interface says."""

    @property
    def errors(self) -> list[dict[str, str]]:
        """Return the fault of a callback as its sender is shown it."""
        return [{"field": "answer", "message": str(self)}]


def not_sent(reason: str) -> Verdict:
    """Return the verdict where the partner has not received the request."""
    return Verdict(WAITING, reason)


def not_answered(reason: str) -> Verdict:
    """Return the verdict where the partner may have received the request."""
    return Verdict(UNKNOWN, reason)


def read_asset_answer(status: int, body: bytes | None, asset_id: str, retry_after: float | None = None) -> Verdict:
    """Return the verdict of an answer of AMS about a reservation; `body` is None where it is too large."""
    early = _without_body(status, retry_after)
    if early is not None:
        return early
    try:
        found = parse(body)
        if status in (400, 409):
            return Verdict(REFUSED, _text(found, "error"), kept(found))
        if status not in (200, 201):
            return Verdict(FAILED, f"AMS answered {status}", kept(found))
        return read_asset(found, asset_id)
    except BadAnswer as fault:
        return _unreadable(status, fault)


def read_budget_answer(status: int, body: bytes | None, retry_after: float | None = None) -> Verdict:
    """Return the verdict of an answer of BMS about a budget; `body` is None where it is too large."""
    early = _without_body(status, retry_after)
    if early is not None:
        return early
    try:
        found = parse(body)
        if status not in (200, 201):
            return Verdict(FAILED, f"BMS answered {status}", kept(found))
        return read_budget(found)
    except BadAnswer as fault:
        return _unreadable(status, fault)


def read_asset(found: Mapping[str, Any], asset_id: str) -> Verdict:
    """Return the verdict of what AMS says about a reservation; raise BadAnswer."""
    status_text = _text(found, "status").lower()
    for name in _ASSET_TEXTS:
        _optional_text(found, name)
    if found.get("asset_id", asset_id) != asset_id:
        raise BadAnswer("AMS answered about another asset")
    if status_text in NOT_RESERVED:
        return Verdict(REFUSED, f"AMS answered {status_text!r}", kept(found))
    if status_text in AWAITED:
        return Verdict(UNKNOWN, f"AMS answered {status_text!r}", kept(found))
    if status_text not in RESERVED:
        raise BadAnswer(f"AMS answered with the unknown status {status_text!r}")
    _text(found, "reservation_id")
    return Verdict(APPROVED, f"AMS answered {status_text!r}", kept(found))


def read_budget(found: Mapping[str, Any]) -> Verdict:
    """Return the verdict of what BMS says about a budget; raise BadAnswer."""
    for name in _BUDGET_TEXTS:
        _optional_text(found, name)
    approved = found.get("approved")
    if approved is True:
        _text(found, "approval_id")
        return Verdict(APPROVED, "BMS approved", kept(found))
    if approved is False:
        return Verdict(REFUSED, _optional_text(found, "reason") or "BMS refused", kept(found))
    raise BadAnswer("BMS answered without `approved`")


def parse(body: bytes | None) -> dict[str, Any]:
    """Return a JSON object; long integers and numbers with a fraction stay as text. Raises BadAnswer."""
    if body is None:
        raise BadAnswer("the answer is too large")
    try:
        found = json.loads(body.decode(), parse_float=str, parse_int=_integer, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("the answer is not JSON") from error
    if not isinstance(found, dict):
        raise BadAnswer("the answer is no JSON object")
    return found


def kept(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer as it is stored: whole where that is possible, else its short texts alone."""
    if _is_storable(found, MAX_DEPTH) and len(json.dumps(found)) <= MAX_KEPT_BYTES:
        return dict(found)
    short = {
        name: _clean(value) if isinstance(value, str) else value
        for name, value in found.items()
        if name in _SHOWN and isinstance(value, str | bool)
    }
    return {**short, "shortened": True}


def _without_body(status: int, retry_after: float | None) -> Verdict | None:
    """Return the verdict of a status that says everything, None where the body counts."""
    if status in OVERLOADED:
        return Verdict(WAITING, f"answered {status}", retry_after=retry_after)
    if status >= 500:
        return Verdict(UNKNOWN, f"answered {status}", retry_after=retry_after)
    if 300 <= status < 400:
        return Verdict(FAILED, f"answered {status}: redirects are not followed")
    return None


def _unreadable(status: int, fault: BadAnswer) -> Verdict:
    """Return the verdict of an answer that can't be read: a success may be a reservation, an error is none."""
    return Verdict(FAILED if status >= 400 else UNKNOWN, f"answered {status}, but {fault}")


def _text(found: Mapping[str, Any], name: str) -> str:
    text = _optional_text(found, name)
    if not text:
        raise BadAnswer(f"`{name}` is missing")
    return text


def _optional_text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if value is not None and not isinstance(value, str):
        raise BadAnswer(f"`{name}` is not a text")
    return _clean(value or "").strip()


def _clean(text: str) -> str:
    return text.encode(errors="replace").decode().replace("\0", "")[:MAX_TEXT_CHARACTERS]


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= MAX_DIGITS else text


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _is_storable(value: Any, depth: int) -> bool:
    """Return whether the database and JSON can hold a value: no U+0000, no half of a surrogate pair, not too deep."""
    if depth == 0:
        return False
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, Mapping):
        return all(_is_storable(part, depth - 1) for pair in value.items() for part in pair)
    return not isinstance(value, list) or all(_is_storable(part, depth - 1) for part in value)
