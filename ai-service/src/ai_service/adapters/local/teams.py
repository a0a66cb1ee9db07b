"""Teams by the meaning of their names and descriptions."""

import re
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any

from ai_service.adapters.local.encoder import LocalEncoder
from ai_service.domain.company import Team
from ai_service.domain.team import TeamMatch, match

LISTS = 100
LONGEST_PART = 300

_BREAKS = re.compile(r"[,;.\n]|\band\b")


class TeamMatching:
    """Compares texts with teams; a changed team is a changed list, and is read anew."""

    def __init__(self, encoder: LocalEncoder) -> None:
        self._encoder = encoder
        self._lock = Lock()
        self._kept: OrderedDict[tuple[Team, ...], tuple[list[int], Any]] = OrderedDict()

    def match(self, text: str, teams: tuple[Team, ...]) -> TeamMatch | None:
        """Return the team whose name, description or a part of it comes nearest."""
        owners, vectors = self._vectors(teams)
        cosines = vectors @ self._encoder.embed([text])[0]
        best: dict[int, float] = {}
        for owner, cosine in zip(owners, cosines.tolist(), strict=True):
            best[owner] = max(best.get(owner, -1.0), cosine)
        return match(best)

    def _vectors(self, teams: tuple[Team, ...]) -> tuple[list[int], Any]:
        with self._lock:
            if teams in self._kept:
                self._kept.move_to_end(teams)
                return self._kept[teams]
        parts = [(team.team_id, part) for team in teams for part in _parts(team)]
        made = [owner for owner, _ in parts], self._encoder.embed([part for _, part in parts])
        with self._lock:
            self._kept[teams] = made
            while len(self._kept) > LISTS:
                self._kept.popitem(last=False)
        return made


def _parts(team: Team) -> Sequence[str]:
    subjects = (part.strip() for part in _BREAKS.split(team.description))
    texts = (team.name, f"{team.name}. {team.description}".strip(), *(part for part in subjects if part))
    return list(dict.fromkeys(text[:LONGEST_PART] for text in texts))
