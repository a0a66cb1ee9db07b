"""Scan every second, in every replica, until the worker stops."""

import random
from threading import Event as Flag

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from workflow_service.usecases.scan_due import scan_due

INTERVAL_SECONDS = 0.75

log = get_logger(__name__)


def run_scans(database: Database, stopping: Flag) -> None:
    """Scan until `stopping` is set; a full batch is followed by the next one at once."""
    # Jitter: replicas that were started together would otherwise scan at the same time for ever.
    while not stopping.wait(INTERVAL_SECONDS * random.uniform(0.8, 1.2)):
        try:
            while scan_due(database) and not stopping.is_set():
                pass
        except Exception as error:
            # The next scan finds the same clocks again; a database that is down is in the checks of /ready.
            log.warning("scan of due clocks failed", error=type(error).__name__)
