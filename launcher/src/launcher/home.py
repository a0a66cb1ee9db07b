"""Where one embedded system keeps its data, secrets, logs and notes about itself."""

import base64
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOR_NOBODY = Path("/var/lib/smart-ticket")
API_KEY = "gateway_api_key"


@dataclass(frozen=True)
class Home:
    """The folder of one embedded system; `root` is made on first use, private to its owner."""

    root: Path

    @property
    def log(self) -> Path:
        """Return the file that the background process writes to."""
        return self.root / "smart-ticket.log"

    @property
    def state(self) -> Path:
        """Return the file that says which process runs and on which ports."""
        return self.root / "state.json"

    def prepare(self) -> None:
        """Make the folder."""
        self.root.mkdir(parents=True, exist_ok=True)

    def database_root(self) -> Path:
        """Return the folder of PostgreSQL's data and programs.

        PostgreSQL refuses to run as root, so root runs it as `nobody`, who must be able to reach the folder: where one
        of the parents is closed to others, a folder below /var/lib is used instead.
        """
        if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in self.root.resolve().parents):
            return self.root / "postgresql"
        name = hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:12]
        return FOR_NOBODY / name

    def secret(self, name: str) -> str:
        """Return the secret `name`: 32 random bytes in base64, made on first use, readable by the owner alone."""
        folder = self.root / "secrets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / name
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(base64.b64encode(secrets.token_bytes(32)).decode())
        return path.read_text(encoding="ascii").strip()

    def known_secret(self, name: str) -> str:
        """Return the secret `name` if there is one, '' otherwise."""
        path = self.root / "secrets" / name
        try:
            return path.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""

    def read_state(self) -> dict[str, Any]:
        """Return what the running process wrote about itself, {} where nothing runs."""
        try:
            state = json.loads(self.state.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def write_state(self, state: dict[str, Any]) -> None:
        """Replace the notes in one step, so that a reader never sees half of them."""
        draft = self.state.with_suffix(".new")
        draft.write_text(json.dumps(state), encoding="utf-8")
        draft.replace(self.state)

    def forget_state(self) -> None:
        """Say that nothing runs."""
        self.state.unlink(missing_ok=True)
