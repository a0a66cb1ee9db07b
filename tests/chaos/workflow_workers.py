"""Workers of workflow-service that are forked again when they end: `python -m tests.chaos.workflow_workers SETTINGS`.

All modules are loaded before the fork, so that a killed worker is back within a moment and the next kill finds it at
work. `SETTINGS` is the service's environment as JSON.
"""

import json
import os
import signal
import sys
import time
from typing import Any, NoReturn

from service_kit.telemetry.logs import configure_logging
from workflow_service.service import SERVICE

WORKERS = 2
LOOK_SECONDS = 0.05


def main(mapping: dict[str, str]) -> NoReturn:
    """Keep the workers running until the process is killed."""
    settings = SERVICE.read_settings(mapping)
    configure_logging(settings.log_level, service=settings.service)
    SERVICE.load(settings)
    running = {_fork(settings) for _ in range(WORKERS)}
    while True:
        ended, _ = os.waitpid(-1, os.WNOHANG)
        if ended in running:
            running = running - {ended} | {_fork(settings)}
        else:
            time.sleep(LOOK_SECONDS)


def _fork(settings: Any) -> int:
    worker = os.fork()
    if worker:
        return worker
    SERVICE.instance(settings).create_worker().start()
    while True:
        signal.pause()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
