"""The four priorities, and a decision for one of them."""

from dataclasses import dataclass
from typing import Literal

Priority = Literal["low", "medium", "high", "urgent"]

LEVELS: tuple[Priority, ...] = ("low", "medium", "high", "urgent")
"""From the least to the most urgent."""

REASON_CHARACTERS = 500


@dataclass(frozen=True)
class Prioritized:
    """A priority, and why it is this one."""

    priority: Priority
    reason: str
