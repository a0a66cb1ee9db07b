"""Parses Claude's reply."""

import re
from collections.abc import Mapping
from typing import Any

from model_kit.claude.reply import find_json_object

from ai_service.domain.cascade import ClassifierFailed
from ai_service.domain.classification import Proposal
from ai_service.domain.usage import Usage

_LINE = re.compile(r"^\W*(department|confidence|reason)\W*:[\s*_]*(.*?)[\s*_]*$", re.IGNORECASE | re.MULTILINE)


def parse(text: str, model: str, usage: Usage | None = None) -> Proposal:
    """Return the proposal in JSON, JSON wrapped in words, or lines such as `Department: HR`.

    `model` is the model that replied, `usage` the cost of the call. Raises ClassifierFailed.
    """
    found = find_json_object(text)
    if found is None:
        found = _lines(text)
    if found is None:
        raise ClassifierFailed("malformed", usage)
    return Proposal(found.get("department"), found.get("confidence"), found.get("reason"), model, usage=usage)


def _lines(text: str) -> Mapping[str, Any] | None:
    lines = {name.casefold(): value for name, value in _LINE.findall(text)}
    return lines if "department" in lines else None
