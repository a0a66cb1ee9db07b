"""Checks JSON of outsiders before it is stored as a ticket's metadata."""

import json
import re
from math import isfinite
from typing import Any

MAX_INTEGER = 2**63 - 1
"""Larger ones can't be read by most JSON parsers, nor stored by some."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def fault_of_text(text: str) -> str | None:
    """Return why a text can't be stored, None where it can."""
    if "\0" in text:
        return "holds NUL characters"
    return "holds lone surrogates: it is not valid Unicode" if _SURROGATE.search(text) else None


def fault_of_json(value: Any, *, max_bytes: int, max_depth: int) -> str | None:
    """Return why a JSON value can't be stored, None where it can. A loop, because input controls the depth."""
    level = [value]
    for _ in range(max_depth + 1):
        inner: list[Any] = []
        for each in level:
            if (fault := _fault_of(each)) is not None:
                return fault
            if isinstance(each, dict):
                inner += [*each, *each.values()]
            elif isinstance(each, list):
                inner += each
        if not inner:
            break
        level = inner
    else:
        return f"nested deeper than {max_depth} levels"
    size = len(json.dumps(value, ensure_ascii=False).encode())
    return f"larger than {max_bytes} bytes" if size > max_bytes else None


def _fault_of(value: Any) -> str | None:
    if isinstance(value, str):
        return fault_of_text(value)
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        return "holds a number that is too large"
    if isinstance(value, float) and not isfinite(value):
        return "holds a number that JSON lacks"
    return None
