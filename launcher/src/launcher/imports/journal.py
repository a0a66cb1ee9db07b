"""Records the rows of a file that were sent, so that a repeated import continues where the last one ended.

Each row has an idempotency key made of the file's path, the row's content and how many equal rows stand above it: a row
that is added or corrected in the middle of a file changes no other row's key. The server keeps a key for 24 hours;
the journal, a file on this machine, has no such limit.
"""

import hashlib
import json
import os
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson


def keys_of(path: Path, tickets: Iterable[Mapping[str, str]], salt: str = "") -> list[str]:
    """Return an idempotency key for each ticket of a file."""
    seen: Counter[bytes] = Counter()
    keys = []
    for ticket in tickets:
        content = orjson.dumps(ticket, option=orjson.OPT_SORT_KEYS)
        parts = (salt, str(path.resolve()), str(seen[content]))
        keys.append(hashlib.sha256("\n".join(parts).encode(errors="surrogateescape") + b"\n" + content).hexdigest())
        seen[content] += 1
    return keys


class Journal:
    """Maps the key of a row to its ticket, and records which tickets were assigned to their department.

    An import works without it: if the file can't be written, only the ability to continue is lost.
    """

    def __init__(self, file: Path | None) -> None:
        """`file` is created with the first entry; None keeps nothing."""
        self._file = file
        self._handle: int | None = None
        self.tickets: dict[str, tuple[int, str]] = {}
        """Key → the ticket's number, and when it was created."""
        self.assigned: set[str] = set()
        self.salt = ""
        """Part of every key; a new salt (`--again`) gives all rows of a file new keys."""
        for entry in _entries(file):
            if "salt" in entry:
                self.salt = entry["salt"]
            elif "ticket" in entry:
                self.tickets[entry["key"]] = (entry["ticket"], entry["at"])
            else:
                self.assigned.add(entry["key"])

    def record_sent(self, key: str, ticket: int, at: str) -> None:
        """Record the ticket of a row."""
        self.tickets[key] = (ticket, at)
        self._append({"key": key, "ticket": ticket, "at": at})

    def record_assigned(self, key: str) -> None:
        """Record that a row's ticket is in its department."""
        self.assigned.add(key)
        self._append({"key": key})

    def restart(self) -> None:
        """Delete all entries and choose a new salt, so that every row is sent again."""
        self.clear()
        self.salt = uuid.uuid4().hex
        self._append({"salt": self.salt})

    def clear(self) -> None:
        """Delete all entries: they belong to another system or to an earlier import."""
        self.tickets.clear()
        self.assigned.clear()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _append(self, entry: Mapping[str, Any]) -> None:
        if self._file is None:
            return
        try:
            if self._handle is None:
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            # One write per entry: a killed process leaves at most one incomplete line, at the end.
            os.write(self._handle, json.dumps(entry).encode() + b"\n")
        except OSError:
            self._file = None


def journal_file(folder: Path, path: Path, system: str) -> Path:
    """Return the journal's path for an imported file and a system; `system` is its URL and the digest of the key."""
    name = hashlib.sha256(f"{system}\n{path.resolve()}".encode(errors="surrogateescape")).hexdigest()[:24]
    return folder / f"{name}.jsonl"


def _entries(file: Path | None) -> Iterable[dict[str, Any]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file is not None else []
    except (OSError, ValueError):
        return
    for line in lines:
        try:
            entry = json.loads(line)
            if "salt" in entry:
                yield {"salt": str(entry["salt"])}
            elif isinstance(entry["key"], str) and ("ticket" not in entry or isinstance(entry["at"], str)):
                yield entry
        except (ValueError, KeyError, TypeError):
            continue
