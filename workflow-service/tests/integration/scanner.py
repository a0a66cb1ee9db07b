"""Scans for due clocks until it is killed: a process of its own, with the settings as its argument."""

import json
import sys
from threading import Event

from workflow_service.service import SERVICE
from workflow_service.usecases.run_scans import run_scans

if __name__ == "__main__":
    instance = SERVICE.instance(SERVICE.read_settings(json.loads(sys.argv[1])))
    run_scans(instance.database, Event())
