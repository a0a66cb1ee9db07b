"""Compares proposed priorities with those that people set."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ai_service.domain.priority.levels import LEVELS, Priority


@dataclass
class Level:
    """The tickets with one proposed priority, by the priority that they have now."""

    proposed: Priority
    tickets: int = 0
    kept: int = 0
    changed: dict[Priority, int] = field(default_factory=lambda: dict.fromkeys(LEVELS, 0))
    """Number of tickets by the priority that people set instead; without the proposed one."""


def by_level(counts: Iterable[tuple[Priority, Priority, int]]) -> list[Level]:
    """Sum up (proposed, set by people, tickets) per proposed level, from the least to the most urgent level."""
    levels = {name: Level(name) for name in LEVELS}
    for level in levels.values():
        del level.changed[level.proposed]
    for proposed, given, tickets in counts:
        level = levels[proposed]
        level.tickets += tickets
        if given == proposed:
            level.kept += tickets
        else:
            level.changed[given] += tickets
    return list(levels.values())
