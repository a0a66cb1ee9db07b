"""What of a file was sent already, so that the same import again goes on where the last one ended.

Each row has an idempotency key made of the file's path, the row's content and how many equal rows stand above it: a row
that is added or mended in the middle of a file changes no other row's key. The server keeps a key for 24 hours;
the journal, a file on this machine, remembers the tickets for longer.
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
    """Remembers by key which ticket a row became, and whether the ticket was put into its department.

    It is no more than a memory: where it can't be written, the import goes on without it.
    """

    def __init__(self, file: Path | None) -> None:
        """`file` is made when the first ticket is noted; None remembers nothing."""
        self._file = file
        self._handle: int | None = None
        self.tickets: dict[str, tuple[int, str]] = {}
        """Key → the ticket's number, and when it was created."""
        self.placed: set[str] = set()
        self.salt = ""
        """What makes the keys of a file that is sent once more differ from those of the first time."""
        for entry in _entries(file):
            if "salt" in entry:
                self.salt = entry["salt"]
            elif "ticket" in entry:
                self.tickets[entry["key"]] = (entry["ticket"], entry["at"])
            else:
                self.placed.add(entry["key"])

    def sent(self, key: str, ticket: int, at: str) -> None:
        """Note that a row became a ticket."""
        self.tickets[key] = (ticket, at)
        self._note({"key": key, "ticket": ticket, "at": at})

    def put(self, key: str) -> None:
        """Note that a row's ticket stands in the department that people chose."""
        self.placed.add(key)
        self._note({"key": key})

    def begin_anew(self) -> None:
        """Forget everything, and have every row sent once more; an import that is stopped then goes on all the same."""
        self.forget()
        self.salt = uuid.uuid4().hex
        self._note({"salt": self.salt})

    def forget(self) -> None:
        """Forget which tickets there are: they are another system's, or not wanted any more."""
        self.tickets.clear()
        self.placed.clear()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _note(self, entry: Mapping[str, Any]) -> None:
        if self._file is None:
            return
        try:
            if self._handle is None:
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            # One write, so that a process that is killed leaves no half of an entry before another.
            os.write(self._handle, json.dumps(entry).encode() + b"\n")
        except OSError:
            self._file = None


def journal_file(folder: Path, path: Path, system: str) -> Path:
    """Return where the journal of a file and a system lies; `system` is its address and the caller's key."""
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
