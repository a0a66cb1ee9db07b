"""The four priorities."""

from dataclasses import dataclass
from typing import Literal

Priority = Literal["low", "medium", "high", "urgent"]

LEVELS: tuple[Priority, ...] = ("low", "medium", "high", "urgent")
"""From the least to the most urgent."""

REASON_CHARACTERS = 500


@dataclass(frozen=True)
class Prioritized:
    """A proposed priority and its reason."""

    priority: Priority
    reason: str
