"""Which team a ticket resembles most."""

from collections.abc import Mapping
from dataclasses import dataclass

NEAR = 0.4
"""Cosine with a team's description from which on it is believed: single meaningless words reached 0.37."""
APART = 0.05
"""So much nearer than the second team it must be."""


@dataclass(frozen=True)
class TeamMatch:
    """The nearest team, and whether it is near enough."""

    team_id: int
    similarity: float
    believed: bool


def match(similarities: Mapping[int, float]) -> TeamMatch | None:
    """Return the nearest of the teams, given each one's cosine; None without any."""
    if not similarities:
        return None
    best = max(similarities, key=lambda team: (similarities[team], -team))
    second = max((value for team, value in similarities.items() if team != best), default=-1.0)
    near = similarities[best]
    return TeamMatch(best, round(max(near, 0.0), 4), near >= NEAR and near - second >= APART)
