"""Reads a department out of what Claude said."""

import re
from collections.abc import Mapping
from typing import Any

from model_kit.claude.reply import find_json_object

from ai_service.domain.answer import Proposal
from ai_service.domain.ladder import RungFailed
from ai_service.domain.usage import Usage

_LINE = re.compile(r"^\W*(department|confidence|reason)\W*:[\s*_]*(.*?)[\s*_]*$", re.IGNORECASE | re.MULTILINE)


def read(text: str, model: str, usage: Usage | None = None) -> Proposal:
    """Make a proposal of JSON, JSON wrapped in words, or lines such as `Department: HR`; else raise RungFailed.

    `model` said it, and `usage` is what that cost, whatever it is worth.
    """
    said = find_json_object(text)
    if said is None:
        said = _lines(text)
    if said is None:
        raise RungFailed("malformed", "well", usage)
    return Proposal(said.get("department"), said.get("confidence"), said.get("reason"), model, usage=usage)


def _lines(text: str) -> Mapping[str, Any] | None:
    lines = {name.casefold(): value for name, value in _LINE.findall(text)}
    return lines if "department" in lines else None
