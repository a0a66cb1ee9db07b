"""The objects that request handlers and consumers share, built once per process."""

from dataclasses import dataclass

from service_kit.database.engine import Database


@dataclass(frozen=True)
class Dependencies:
    """The dependencies of this service: `g.deps` in request handlers."""

    database: Database
