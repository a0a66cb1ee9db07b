"""`python -m notification_service.live`: real time as a process of its own, for containers."""

import os
import signal
import sys
from threading import Event as Flag

from service_kit.settings import BadSettings
from service_kit.telemetry.logs import configure_logging
from service_kit.telemetry.metrics import Metrics

from notification_service.live.server import run_live
from notification_service.settings import NAME, read_settings


def main() -> int:
    """Serve until a signal. Return 2 for invalid settings."""
    try:
        settings = read_settings(os.environ)
    except BadSettings as error:
        sys.stderr.writelines(f"{NAME}: {fault}\n" for fault in error.faults)
        return 2
    configure_logging(settings.log_level, service=NAME)
    stop = Flag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_live(settings, Metrics(NAME), stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
