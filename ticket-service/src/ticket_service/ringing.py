"""From the worker to the HTTP processes of its machine: some routing is shown now. A hint only; they look anyway."""

import os
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from service_kit.messaging.wake import Bell, socket_path
from service_kit.service_settings import ServiceSettings

LOOK_AROUND_SECONDS = 1.0


def _family(settings: ServiceSettings) -> Path:
    return socket_path(settings.runtime_dir, settings.service, settings.database_url)


def bell_of_this_process(settings: ServiceSettings) -> Bell:
    """Hang out a bell that `Ringer` finds. To be called after a fork."""
    family = _family(settings)
    bell = Bell(family.with_name(f"{family.stem}-waits-{os.getpid()}.sock"))
    bell.hang_out()
    return bell


class Ringer:
    """Rings all bells of the service on this machine. Never blocks, never raises."""

    def __init__(self, settings: ServiceSettings) -> None:
        family = _family(settings)
        self._folder = family.parent
        self._pattern = f"{family.stem}-waits-*.sock"
        self._bells: Sequence[Path] = ()
        self._look_at = 0.0

    def ring(self) -> None:
        """Tell everybody; who came within the last second may have to look by itself."""
        with suppress(OSError):
            if time.monotonic() >= self._look_at:
                self._look_at = time.monotonic() + LOOK_AROUND_SECONDS
                self._bells = [path for path in self._folder.glob(self._pattern) if _alive(path)]
            if not self._bells:
                return
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ringer:
                ringer.setblocking(False)
                for bell in self._bells:
                    with suppress(OSError):
                        ringer.sendto(b"\0", str(bell))


def _alive(path: Path) -> bool:
    """Tell whether a bell's process lives; what a killed one left is removed."""
    number = path.stem.rpartition("-")[2]
    if number.isdigit() and Path("/proc/self").exists() and not Path(f"/proc/{number}").exists():
        path.unlink(missing_ok=True)
        return False
    return True
