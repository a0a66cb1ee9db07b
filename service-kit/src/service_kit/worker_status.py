"""The file by which a worker's process reports its status to the processes that serve HTTP."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

MAX_SILENCE_SECONDS = 10.0


def write_status(path: Path, status: Mapping[str, Any]) -> None:
    """Write the worker's status to the file that the HTTP processes read."""
    draft = path.with_suffix(".draft")
    draft.write_bytes(orjson.dumps({"at": time.time(), "checks": status}))
    draft.replace(path)


def read_status(path: Path) -> Mapping[str, Any]:
    """Return the worker's last status, or a failed check where it is missing or too old."""
    try:
        written = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {"worker": {"ok": False, "reason": "the worker has not started yet"}}
    age_seconds = time.time() - written["at"]
    if age_seconds > MAX_SILENCE_SECONDS:
        return {"worker": {"ok": False, "reason": f"no status from the worker for {age_seconds:.0f} s"}}
    checks: Mapping[str, Any] = written["checks"]
    return checks
