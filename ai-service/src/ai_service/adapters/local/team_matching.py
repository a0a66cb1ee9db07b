"""Matches a ticket with teams by similarity: with assigned tickets, names and descriptions."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from threading import Lock
from typing import Any

from cachetools import LRUCache
from model_kit.local import LocalEncoder
from service_kit.database.engine import Database

from ai_service.domain.company import Team
from ai_service.domain.team import MIN_TICKETS_COSINE, TeamMatch, combine, nearest
from ai_service.store import examples

MAX_TEAM_LISTS = 100
MAX_PART_CHARACTERS = 300
NEAREST_TICKETS = 3
"""The nearest tickets of a team that are averaged: a single one may be assigned by mistake."""
MAX_ASSIGNED_TICKETS = 400
"""Tickets per company to compare with; they are shared among the teams, at least three for each."""
MAX_ENCODED_AT_ONCE = 16
"""Assigned tickets are encoded a few at a time, so that no new ticket waits for all of them after a start."""
MAX_COMPANIES = 20
"""With cached vectors of assigned tickets: 12 MB at most."""

_BREAKS = re.compile(r"[,;.\n]|\band\b")

Texts = Callable[[int, Sequence[int]], Mapping[int, str]]
"""(company, ticket ids) → the texts of those that still exist."""


class TeamMatcher:
    """Compares texts with teams; a changed list of teams is encoded anew."""

    def __init__(self, encoder: LocalEncoder, texts: Texts) -> None:
        """`texts` returns the texts of tickets; it is called once per ticket."""
        self._encoder = encoder
        self._texts = texts
        self._lock = Lock()
        self._team_vectors: LRUCache[tuple[tuple[str, ...], ...], Any] = LRUCache(MAX_TEAM_LISTS)
        self._ticket_vectors: LRUCache[int, dict[int, Any]] = LRUCache(MAX_COMPANIES)

    def match(self, company_id: int, text: str, teams: tuple[Team, ...]) -> TeamMatch | None:
        """Return the most similar team. Raises only what `texts` raises."""
        row = self._encoder.embed([text])[0]
        by_description = nearest(self._description_cosines(row, teams))
        cosines = self._ticket_cosines(company_id, row, teams)
        return combine(nearest(cosines, MIN_TICKETS_COSINE), by_description, cosines)

    def _description_cosines(self, row: Any, teams: tuple[Team, ...]) -> dict[int, float]:
        """Return each team's highest cosine with its name, its description and the parts of that."""
        best: dict[int, float] = {}
        parts = tuple(_parts(team) for team in teams)
        owners = [team.team_id for team, mine in zip(teams, parts, strict=True) for _ in mine]
        for owner, cosine in zip(owners, (self._vectors(parts) @ row).tolist(), strict=True):
            best[owner] = max(best.get(owner, -1.0), cosine)
        return best

    def _ticket_cosines(self, company_id: int, row: Any, teams: tuple[Team, ...]) -> dict[int, float]:
        """Return each team's cosine with the mean of its nearest assigned tickets; teams without any are left out."""
        share = max(NEAREST_TICKETS, MAX_ASSIGNED_TICKETS // len(teams))
        assigned = {team.team_id: team.assigned_tickets[:share] for team in teams if team.assigned_tickets}
        # In turns: encoded team by team, the first one would have no competitor until the others are encoded too.
        turns = (ticket for turn in zip_longest(*assigned.values()) for ticket in turn if ticket is not None)
        encoded = self._encoded(company_id, list(turns))
        vectors = {
            team: [encoded[ticket] for ticket in tickets if ticket in encoded] for team, tickets in assigned.items()
        }
        return {team: _cosine_with_mean(row, mine) for team, mine in vectors.items() if mine}

    def _encoded(self, company_id: int, tickets: Sequence[int]) -> dict[int, Any]:
        """Return the vectors of those tickets that are encoded by now; vectors of other tickets are evicted."""
        with self._lock:
            cached = self._ticket_vectors.get(company_id, {})
        if missing := [ticket for ticket in tickets if ticket not in cached][:MAX_ENCODED_AT_ONCE]:
            texts = self._texts(company_id, missing)
            cached = cached | dict(zip(texts, self._encoder.embed(list(texts.values())), strict=True))
        cached = {ticket: cached[ticket] for ticket in tickets if ticket in cached}
        with self._lock:
            self._ticket_vectors[company_id] = cached
        return cached

    def _vectors(self, parts: tuple[tuple[str, ...], ...]) -> Any:
        with self._lock:
            if parts in self._team_vectors:
                return self._team_vectors[parts]
        made = self._encoder.embed([part for each in parts for part in each])
        with self._lock:
            self._team_vectors[parts] = made
        return made


def texts_from(database: Database) -> Texts:
    """Return a function that reads texts from the company's examples."""

    def texts(company_id: int, tickets: Sequence[int]) -> Mapping[int, str]:
        with database.session(company_id) as session:
            return examples.texts(session, company_id, tickets)

    return texts


def _cosine_with_mean(row: Any, vectors: list[Any]) -> float:
    import numpy as np

    stacked = np.stack(vectors)
    mean = stacked[np.argsort(stacked @ row)[-NEAREST_TICKETS:]].mean(axis=0)
    return float(mean @ row) / max(float(np.linalg.norm(mean)), 1e-9)


def _parts(team: Team) -> tuple[str, ...]:
    subjects = (part.strip() for part in _BREAKS.split(team.description))
    texts = (team.name, f"{team.name}. {team.description}".strip(), *(part for part in subjects if part))
    return tuple(dict.fromkeys(text[:MAX_PART_CHARACTERS] for text in texts))
