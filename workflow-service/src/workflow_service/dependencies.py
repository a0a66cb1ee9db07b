"""The objects that request handlers and consumers share, built once per process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from service_kit.database.engine import Database

from workflow_service.usecases.run_external_requests import Asker


@dataclass(frozen=True)
class CallbackSettings:
    """The keys by which partners sign their callbacks, and how old or young these may be."""

    keys: Mapping[str, Sequence[bytes]]
    tolerance: timedelta


@dataclass(frozen=True)
class Dependencies:
    """The dependencies of this service: `g.deps` in request handlers. `askers` ask the partners with an address."""

    database: Database
    dry_run_tasks: int
    """How many tickets a dry run replays, and how many tasks a preview looks at."""
    taken_per_deployment: int
    """How many unmatched tickets a deployment takes at once."""
    callbacks: CallbackSettings
    askers: Sequence[Asker] = ()
