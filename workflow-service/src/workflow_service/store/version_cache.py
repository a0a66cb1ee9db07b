"""Versions of workflows and calendars, which never change: a process reads each of them once.

Only the default workflow's version is read by the transaction that adds it; after a rollback its id isn't used again.
"""

from collections.abc import Callable, Collection, Mapping
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache
from service_kit.database.companies import companies_of
from service_kit.database.engine import Database
from sqlalchemy.orm import Session

DEFINITIONS, CALENDARS = "definitions", "calendars"
MAX_VERSIONS = 2_000
"""How many versions of either kind a process keeps, the most recently used ones."""

Version = tuple[int, int, int]
"""Company, workflow or calendar, version."""
Content = TypeVar("Content")


class VersionCache(Generic[Content]):
    """The most recently used versions of one kind."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: LRUCache[Version, Content] = LRUCache(MAX_VERSIONS)

    def find(
        self,
        session: Session,
        wanted: Collection[Version],
        read: Callable[[Collection[Version]], Mapping[Version, Content]],
    ) -> dict[Version, Content]:
        """Return versions; `read` returns those that are not known yet. A session gets those of its companies alone."""
        visible = frozenset(companies_of(session))
        with self._lock:
            found = {key: self._known[key] for key in wanted if key[0] in visible and key in self._known}
        missing = set(wanted) - found.keys()
        if missing:
            new = read(missing)
            with self._lock:
                self._known.update(new)
            found |= new
        return found


def connect(database: Database) -> None:
    """Attach empty caches to a database, before its first session."""
    for name in (DEFINITIONS, CALENDARS):
        database.info[name] = VersionCache()
