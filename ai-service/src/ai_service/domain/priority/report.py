"""How often people changed the priorities that were proposed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ai_service.domain.priority.levels import LEVELS, Priority


@dataclass
class Level:
    """What became of the tickets that were proposed one priority."""

    proposed: Priority
    tickets: int = 0
    kept: int = 0
    changed: dict[Priority, int] = field(default_factory=lambda: dict.fromkeys(LEVELS, 0))
    """The priority that people gave instead → tickets; never the proposed one."""


def by_level(counts: Iterable[tuple[Priority, Priority, int]]) -> list[Level]:
    """Sum up (proposed, given, tickets); every level is there, from the least urgent on."""
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
