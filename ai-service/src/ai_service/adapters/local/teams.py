"""Teams by the meaning of their names and descriptions, and of the tickets that people gave them."""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from threading import Lock
from typing import Any

from model_kit.local import LocalEncoder
from service_kit.database.engine import Database

from ai_service.domain.company import Team
from ai_service.domain.team import LIKE, TeamMatch, match, prefer
from ai_service.store import examples

LISTS = 100
LONGEST_PART = 300
NEAREST = 3
"""So many of a team's tickets, the nearest ones, stand for it: a single one may be there by mistake."""
MOST_GIVEN = 400
"""Tickets compared with per company; with many teams each has fewer, but three."""
READ_AT_ONCE = 16
"""What people decided is read a few tickets at a time, so that no ticket waits for all of it after a start."""
COMPANIES = 20
"""Whose tickets are remembered as vectors: 12 MB at most."""

_BREAKS = re.compile(r"[,;.\n]|\band\b")

Texts = Callable[[int, Sequence[int]], Mapping[int, str]]
"""(company, tickets) → the texts of those that are still there."""


class TeamMatching:
    """Compares texts with teams; a changed team is a changed list, and is read anew."""

    def __init__(self, encoder: LocalEncoder, texts: Texts) -> None:
        """`texts` gives the texts of tickets; it is asked once for each."""
        self._encoder = encoder
        self._texts = texts
        self._lock = Lock()
        self._kept: OrderedDict[tuple[tuple[str, ...], ...], Any] = OrderedDict()
        self._read: OrderedDict[int, dict[int, Any]] = OrderedDict()

    def match(self, company: int, text: str, teams: tuple[Team, ...]) -> TeamMatch | None:
        """Return the team that a text resembles most. Raises only what `texts` raises."""
        row = self._encoder.embed([text])[0]
        described = match(self._described(row, teams))
        given = self._given(company, row, teams)
        return prefer(match(given, LIKE), described, given)

    def _described(self, row: Any, teams: tuple[Team, ...]) -> dict[int, float]:
        """Return each team's cosine with its name, its description or a part of it, whichever is nearest."""
        best: dict[int, float] = {}
        parts = tuple(_parts(team) for team in teams)
        owners = [team.team_id for team, mine in zip(teams, parts, strict=True) for _ in mine]
        for owner, cosine in zip(owners, (self._vectors(parts) @ row).tolist(), strict=True):
            best[owner] = max(best.get(owner, -1.0), cosine)
        return best

    def _given(self, company: int, row: Any, teams: tuple[Team, ...]) -> dict[int, float]:
        """Return the cosine with the middle of the nearest tickets that people gave each team; no team without any."""
        share = max(NEAREST, MOST_GIVEN // len(teams))
        wanted = {team.team_id: team.given[:share] for team in teams if team.given}
        # In turns: read team by team, the first one would have no rival until the others are read too.
        turns = (ticket for turn in zip_longest(*wanted.values()) for ticket in turn if ticket is not None)
        read = self._some_read(company, list(turns))
        vectors = {team: [read[ticket] for ticket in tickets if ticket in read] for team, tickets in wanted.items()}
        return {team: _nearness(row, mine) for team, mine in vectors.items() if mine}

    def _some_read(self, company: int, tickets: Sequence[int]) -> dict[int, Any]:
        """Return the vectors of those tickets that are read by now; whatever else was read is forgotten."""
        with self._lock:
            known = self._read.get(company, {})
        if missing := [ticket for ticket in tickets if ticket not in known][:READ_AT_ONCE]:
            texts = self._texts(company, missing)
            known = known | dict(zip(texts, self._encoder.embed(list(texts.values())), strict=True))
        known = {ticket: known[ticket] for ticket in tickets if ticket in known}
        with self._lock:
            self._read[company] = known
            self._read.move_to_end(company)
            while len(self._read) > COMPANIES:
                self._read.popitem(last=False)
        return known

    def _vectors(self, parts: tuple[tuple[str, ...], ...]) -> Any:
        with self._lock:
            if parts in self._kept:
                self._kept.move_to_end(parts)
                return self._kept[parts]
        made = self._encoder.embed([part for each in parts for part in each])
        with self._lock:
            self._kept[parts] = made
            while len(self._kept) > LISTS:
                self._kept.popitem(last=False)
        return made


def texts_from(database: Database) -> Texts:
    """Return how texts are found among the company's examples."""

    def texts(company: int, tickets: Sequence[int]) -> Mapping[int, str]:
        with database.session(company) as session:
            return examples.texts(session, company, tickets)

    return texts


def _nearness(row: Any, vectors: list[Any]) -> float:
    import numpy as np

    given = np.stack(vectors)
    middle = given[np.argsort(given @ row)[-NEAREST:]].mean(axis=0)
    return float(middle @ row) / max(float(np.linalg.norm(middle)), 1e-9)


def _parts(team: Team) -> tuple[str, ...]:
    subjects = (part.strip() for part in _BREAKS.split(team.description))
    texts = (team.name, f"{team.name}. {team.description}".strip(), *(part for part in subjects if part))
    return tuple(dict.fromkeys(text[:LONGEST_PART] for text in texts))
