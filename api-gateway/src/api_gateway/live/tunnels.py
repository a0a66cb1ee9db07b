"""The open tunnels: how many there may be, and when the right to one ends."""

import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

import orjson
from service_kit.http.problems import Problem
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner
from service_kit.telemetry.logs import get_logger
from service_kit.telemetry.metrics import Metrics

from api_gateway.authentication.background import Background, Task
from api_gateway.authentication.identity import Identity
from api_gateway.rate_limits.addresses import counted_address
from api_gateway.settings import NAME, Settings, TunnelLimits

SWEEP_SECONDS = 1.0
PARTING_SECONDS = 5.0
"""A tunnel whose ends have not parted so long after the goodbye is cut."""
GOODBYE_SECONDS = 2.0
RESTARTING = "restarting"
LIVE_SERVICE = "notification-service"
Peer = tuple[str, int]
log = get_logger(__name__)


class TooManyConnections(Problem):
    """429: as many connections are open as may be."""

    status, code = 429, "too_many_connections"


@dataclass(eq=False)
class OpenTunnel:
    """A tunnel, from the moment before it is opened."""

    kind: str
    keys: Sequence[tuple[str, str]]
    """Under which its address, user and company are counted."""
    identity: Identity | None
    name: str = field(default_factory=lambda: uuid.uuid4().hex)
    peer: Peer = ("", 0)
    abort: Callable[[], None] = lambda: None
    ending: str | None = None
    asked_at: float | None = None
    handed_over: bool = False


class Tunnels:
    """Counts tunnels, and asks the live process to end those whose callers may no longer be connected."""

    def __init__(
        self,
        limits: TunnelLimits,
        metrics: Metrics,
        why_ended: Callable[[Identity], str | None],
        say_goodbye: Callable[[Peer, str, Sequence[str]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`why_ended` says why an identity is good no longer; `say_goodbye` may raise OSError."""
        self._limits, self._why_ended, self._say_goodbye, self._clock = limits, why_ended, say_goodbye, clock
        self._open: dict[OpenTunnel, None] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._gauge = metrics.gauge("gateway_open_tunnels", "Open connections of real time.", ("kind",))
        self._background = Background([Task("tunnels", SWEEP_SECONDS, self.sweep)])

    def reserve(self, kind: str, caller: Caller, address: str, identity: Identity | None) -> OpenTunnel:
        """Return a place for a tunnel, which `release` gives back; raise TooManyConnections (429)."""
        limits = self._limits
        wanted = [(("all", ""), limits.most), (("address", counted_address(address)), limits.per_address)]
        if identity is not None:
            wanted.append((("user", f"{caller.company_id}/{caller.subject}"), limits.per_user))
            wanted.append((("company", str(caller.company_id)), limits.per_company))
        with self._lock:
            for key, most in wanted:
                if self._counts[key] >= most:
                    raise TooManyConnections(
                        f"This {key[0]} has as many open connections as it may have." if key[1] else
                        "There are as many open connections as there may be.",
                        headers={"Retry-After": "5"},
                    )  # fmt: skip
            tunnel = OpenTunnel(kind, [key for key, _ in wanted], identity)
            self._counts.update(tunnel.keys)
            self._open[tunnel] = None
        self._gauge.labels(kind).inc()
        self._background.begin(0.0)
        return tunnel

    def release(self, tunnel: OpenTunnel) -> None:
        """Give a place back. A second call changes nothing."""
        with self._lock:
            if tunnel not in self._open:
                return
            del self._open[tunnel]
            self._counts.subtract(tunnel.keys)
            self._counts += Counter()  # drops what has come to zero
        self._gauge.labels(tunnel.kind).dec()

    def __len__(self) -> int:
        return len(self._open)

    def sweep(self) -> None:
        """End what may not stay open: at first with a goodbye, later by force."""
        with self._lock:
            tunnels = list(self._open)
        parting: defaultdict[tuple[Peer, str], list[OpenTunnel]] = defaultdict(list)
        for tunnel in tunnels:
            if tunnel.ending is None and tunnel.identity is not None:
                tunnel.ending = self._why_ended(tunnel.identity)
            if tunnel.ending is None:
                continue
            if tunnel.asked_at is None:
                tunnel.asked_at = self._clock()
                parting[tunnel.peer, tunnel.ending].append(tunnel)
            elif self._clock() - tunnel.asked_at > PARTING_SECONDS:
                tunnel.abort()
        for (peer, code), ended in parting.items():
            try:
                self._say_goodbye(peer, code, [tunnel.name for tunnel in ended])
            except (OSError, HTTPException) as error:
                log.warning("goodbye not delivered", reason=str(error) or type(error).__name__)

    def close(self) -> None:
        """Stop sweeping."""
        self._background.close()


class Goodbyes:
    """Asks a live process to end connections, with a word to their clients."""

    def __init__(self, settings: Settings) -> None:
        self._signer = TokenSigner(NAME, settings.signing_key)
        self._caller = Caller(settings.operator_company_id, SERVICE, NAME, "API gateway")

    def __call__(self, peer: Peer, code: str, names: Sequence[str]) -> None:
        """Raises OSError and HTTPException."""
        connection = HTTPConnection(*peer, timeout=GOODBYE_SECONDS)
        try:
            headers = {HEADER: self._signer.sign(self._caller, LIVE_SERVICE), "Content-Type": "application/json"}
            connection.request("POST", "/internal/goodbye", orjson.dumps({"code": code, "connections": names}), headers)
            status = connection.getresponse().status
            if status != 200:
                raise HTTPException(f"it answers {status}")
        finally:
            connection.close()
