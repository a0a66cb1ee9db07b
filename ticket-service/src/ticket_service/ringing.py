"""From the worker to the HTTP processes of its machine: these routings are shown now. A hint; they look anyway."""

import os
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import orjson
from service_kit.messaging.wake import Bell, socket_path
from service_kit.service_settings import ServiceSettings

from ticket_service.store.routings import Key

LOOK_AROUND_SECONDS = 1.0
MOST_NAMED = 100
"""So many fit into a datagram whatever their numbers; of a larger batch is only told that it was."""


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

    def ring(self, routed: Mapping[Key, int]) -> None:
        """Send the newest wish that each ticket's routing answers; a process younger than a second may have to look."""
        with suppress(OSError):
            if time.monotonic() >= self._look_at:
                self._look_at = time.monotonic() + LOOK_AROUND_SECONDS
                self._bells = [path for path in self._folder.glob(self._pattern) if _alive(path)]
            if not self._bells:
                return
            named = [[*key, wish] for key, wish in routed.items()] if len(routed) <= MOST_NAMED else None
            said = orjson.dumps(named)
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ringer:
                ringer.setblocking(False)
                for bell in self._bells:
                    with suppress(OSError):
                        ringer.sendto(said, str(bell))


def understand(said: Iterable[bytes]) -> dict[Key, int] | None:
    """Return the newest wish answered by ticket, as the datagrams name them; None where one of them named none."""
    routed: dict[Key, int] = {}
    try:
        for each in said:
            for company_id, ticket_id, wish in orjson.loads(each):
                key = (int(company_id), int(ticket_id))
                routed[key] = max(int(wish), routed.get(key, 0))
    except (TypeError, ValueError):
        return None
    return routed


def _alive(path: Path) -> bool:
    """Tell whether a bell's process lives; what a killed one left is removed."""
    number = path.stem.rpartition("-")[2]
    if number.isdigit() and Path("/proc/self").exists() and not Path(f"/proc/{number}").exists():
        path.unlink(missing_ok=True)
        return False
    return True
