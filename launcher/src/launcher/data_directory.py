"""Where one embedded system keeps its data, secrets, logs and notes about itself."""

import base64
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED_ROOT = Path("/var/lib/smart-ticket")
OPERATOR_KEY = "operator_api_key"
"""The secret that holds the API key of the command line."""


@dataclass(frozen=True)
class DataDirectory:
    """The folder of one embedded system, private to its owner."""

    root: Path

    @property
    def log(self) -> Path:
        """Return the file that the background process writes to."""
        return self.root / "smart-ticket.log"

    @property
    def state(self) -> Path:
        """Return the file with the running process's id and ports."""
        return self.root / "state.json"

    def prepare(self) -> None:
        """Create the folder."""
        self.root.mkdir(parents=True, exist_ok=True)

    def database_root(self) -> Path:
        """Return the folder of PostgreSQL's data and programs.

        PostgreSQL refuses to run as root, so root runs it as user `nobody`. If `nobody` can't enter one of the parent
        folders, a folder below /var/lib is used instead.
        """
        if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in self.root.resolve().parents):
            return self.root / "postgresql"
        name = hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:12]
        return SHARED_ROOT / name

    def secret(self, name: str) -> str:
        """Return the secret `name`: 32 random bytes in base64, created on first use, readable by the owner alone."""
        folder = self.root / "secrets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / name
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(base64.b64encode(secrets.token_bytes(32)).decode())
        return path.read_text(encoding="ascii").strip()

    def existing_secret(self, name: str) -> str:
        """Return the secret `name` if there is one, '' otherwise."""
        path = self.root / "secrets" / name
        try:
            return path.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""

    def replace_secret(self, name: str, value: str) -> None:
        """Store the secret `name`, readable by the owner alone; '' deletes it."""
        folder = self.root / "secrets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / name).unlink(missing_ok=True)
        if value:
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(value)

    def read_state(self) -> dict[str, Any]:
        """Return the running process's state, {} if nothing runs."""
        try:
            state = json.loads(self.state.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def write_state(self, state: dict[str, Any]) -> None:
        """Replace the state atomically."""
        draft = self.state.with_suffix(".new")
        draft.write_text(json.dumps(state), encoding="utf-8")
        draft.replace(self.state)

    def delete_state(self) -> None:
        """Delete the state: nothing runs."""
        self.state.unlink(missing_ok=True)
