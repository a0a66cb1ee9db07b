"""A system as `smart-ticket up` starts it: PostgreSQL from the wheel, every service in one process."""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from launcher.ports import free_port
from smartticket_contracts.services import registry

PORTS = [service.port_setting for service in registry().values()]


class OneMachine:
    """An embedded system with a home and ports of its own."""

    def __init__(self, folder: Path, model: str = "none") -> None:
        self.folder = folder
        self.model = model
        self.ports = {name: free_port() for name in PORTS}
        self.url = f"http://127.0.0.1:{self.ports['GATEWAY_PORT']}"

    def command(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run `smart-ticket` with these words; never raises."""
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment |= {name: str(port) for name, port in self.ports.items()}
        environment |= {"SMARTTICKET_HOME": str(self.folder / "home"), "COLUMNS": "140"}
        environment["EMBEDDINGS_MODEL"] = self.model  # which `up` would fetch, or make
        return subprocess.run(
            [sys.executable, "-m", "launcher", *words],
            env=environment | settings, cwd=self.folder, capture_output=True, text=True, timeout=280, check=False,
        )  # fmt: skip

    def pid(self) -> int:
        """Return the process that `up` left in the background."""
        return int(json.loads((self.folder / "home" / "state.json").read_text())["pid"])


class RunningMachine(OneMachine):
    """Use it as a context manager: the system is up until the end of the block."""

    def __init__(self, model: str) -> None:
        self._exit = ExitStack()
        folder = self._exit.enter_context(tempfile.TemporaryDirectory(prefix="st-one-", ignore_cleanup_errors=True))
        Path(folder).chmod(0o755)
        super().__init__(Path(folder), model)

    def __enter__(self) -> "RunningMachine":
        self._exit.callback(self.command, "down")
        try:
            started = self.command("up")
            assert started.returncode == 0, started.stdout + started.stderr
        except BaseException:
            self._exit.close()
            raise
        self.printed = started.stdout
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()
