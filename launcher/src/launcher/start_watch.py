"""Watch the background process until the system is healthy, and say in words why it isn't."""

import contextlib
import json
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

from launcher.data_directory import DataDirectory

PATIENCE_SECONDS = 90
"""So long may nothing happen: no further step of the start, no further healthy service."""
LOOK_SECONDS = 0.1
SHOWN_LINES = 12
SEVERE = ("warning", "error", "critical")
KNOWN = ("event", "level", "timestamp", "service", "logger", "exception")


class StartWatch:
    """Follows one start: its steps in the log from byte `start` on, then the health of its services."""

    def __init__(self, home: DataDirectory, process: "subprocess.Popen[bytes]", start: int) -> None:
        self._home = home
        self._process = process
        self._start = start
        self._waits_for = ""

    def wait(self, show: Callable[[str], None], patience: float = PATIENCE_SECONDS) -> str:
        """Wait until all services are healthy. Return why they are not, '' where they are.

        `show` gets the latest step whenever there is another one. A slow machine has all the time that it makes use
        of: the wait ends `patience` seconds after the last step.
        """
        latest, since = "", time.monotonic()
        while self._process.poll() is None:
            step, healthy = self._look()
            if healthy:
                return ""
            if step != latest:
                latest, since = step, time.monotonic()
                show(step)
            elif time.monotonic() - since > patience:
                return f"nothing went on for {patience:.0f} s after: {latest or 'the start of the process'}"
            time.sleep(LOOK_SECONDS)
        return f"its process ended with code {self._process.returncode}"

    def log_lines(self) -> list[str]:
        """Return the last lines of this start's log that a person needs, each once: plain ones, warnings and errors."""
        lines = (readable(line) for line in self._log())
        return list(dict.fromkeys(line for line in lines if line))[-SHOWN_LINES:]

    def _look(self) -> tuple[str, bool]:
        """Return the latest step, and whether the system is healthy."""
        state = self._home.read_state()
        if state.get("ready") and state.get("pid") == self._process.pid:
            with contextlib.suppress(requests.RequestException, ValueError):
                url = f"http://127.0.0.1:{state['ports']['api-gateway']}/api/health"
                health = requests.get(url, timeout=2).json()
                if health.get("status") == "healthy":
                    return "", True
                self._waits_for = unhealthy(health)
            return self._waits_for or "all services started", False
        return next((line for line in reversed(self._log()) if line and not line.startswith("{")), ""), False

    def _log(self) -> list[str]:
        with self._home.log.open("rb") as log:
            log.seek(self._start)
            return log.read().decode("utf-8", "replace").splitlines()


def unhealthy(health: Mapping[str, Any]) -> str:
    """Return which services of the gateway's answer are not healthy, with their reasons."""
    waits = [
        f"{name} ({service.get('reason') or service.get('status')})"
        for name, service in sorted(health.get("services", {}).items())
        if service.get("status") != "healthy"
    ]
    return f"waiting for {', '.join(waits)}" if waits else "all services started"


def readable(line: str) -> str:
    """Return a line of the log as people read it; '' for one that tells no more than what usually happens."""
    if not line.startswith("{"):
        return line.rstrip()
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict) or entry.get("level") not in SEVERE:
        return ""
    fields = " ".join(
        f"{name}={value}" for name, value in entry.items() if name not in KNOWN and value not in ("", None)
    )
    parts = [str(entry.get("service") or entry.get("logger") or ""), str(entry["level"]), str(entry.get("event", ""))]
    cause = str(entry.get("exception", "")).strip().splitlines()[-1:]
    return f"{' '.join(part for part in parts if part)} {fields}".rstrip() + "".join(f": {last}" for last in cause)
