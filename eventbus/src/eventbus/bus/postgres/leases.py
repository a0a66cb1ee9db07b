"""Renews the leases of a service's consumers while their handlers work on the messages."""

import threading
from collections.abc import Iterable

from psycopg2 import Error

from eventbus.bus.port import BusDown, Incoming
from eventbus.bus.postgres.session import BusSession

RENEWALS_PER_LEASE = 3


class Leases:
    """A thread that renews leases while any are held. A suspended process renews nothing and so loses its leases."""

    def __init__(self, session: BusSession, lease_seconds: float) -> None:
        self._session = session
        self._seconds = lease_seconds
        self._held: dict[str, dict[int, int]] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def hold(self, queue: str, incoming: Iterable[Incoming]) -> None:
        """Start to renew these leases."""
        with self._changed:
            self._held.setdefault(queue, {}).update(i.receipt for i in incoming)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bus lease renewal", daemon=True)
                self._thread.start()
            self._changed.notify()

    def drop(self, queue: str, incoming: Iterable[Incoming]) -> None:
        """Stop renewing these leases."""
        with self._changed:
            held = self._held.get(queue, {})
            for i in incoming:
                if held.get(i.receipt[0]) == i.receipt[1]:
                    del held[i.receipt[0]]

    def close(self) -> None:
        """Stop the thread and close its connection."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        self._session.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._stopping and not any(self._held.values()):
                    self._changed.wait()
                self._changed.wait_for(lambda: self._stopping, self._seconds / RENEWALS_PER_LEASE)
                if self._stopping:
                    return
                held = {queue: dict(leases) for queue, leases in self._held.items() if leases}
            for queue, leases in held.items():
                self._renew(queue, leases)

    def _renew(self, queue: str, leases: dict[int, int]) -> None:
        try:
            rows = self._session.call(
                "select bus.renew(%s, %s::bigint[], %s::bigint[], %s)",
                (queue, list(leases), list(leases.values()), self._seconds),
            )
        except (BusDown, Error):
            return  # the thread retries before the lease ends; later, `settle` reports the lost lease
        kept = {seq for (seq,) in rows}
        with self._changed:
            held = self._held[queue]
            for seq, lease in leases.items():
                if seq not in kept and held.get(seq) == lease:
                    del held[seq]
