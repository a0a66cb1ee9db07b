"""Asks ai-service, which keeps the ledger, whether a company may still spend money on a model."""

import time
from collections.abc import Callable
from threading import Lock

import orjson
from service_kit.calls import SERVER_ERRORS, Neighbour, NeighbourDown, NeighbourSlow
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner

AUDIENCE = "ai-service"
FRESH_SECONDS = 10.0
"""How long a permission holds: so long may a budget that was just used up still be drawn upon. A refusal isn't kept,
because a budget that was just raised, or an ai-service that is back, counts for the next ticket."""
COMPANIES = 10_000


class Budget:
    """Tells whether something is left. Where nobody can say, nothing is: the answer is then found without a model."""

    def __init__(
        self, neighbour: Neighbour, signer: TokenSigner, name: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`name` is this service's own: it is who asks."""
        self._neighbour = neighbour
        self._signer = signer
        self._name = name
        self._clock = clock
        self._lock = Lock()
        self._allowed: dict[int, float] = {}

    def allows(self, company_id: int) -> bool:
        """Tell whether a company may ask a paid model now."""
        with self._lock:
            until = self._allowed.get(company_id, 0.0)
        if self._clock() < until:
            return True
        if not self._ask(company_id):
            return False
        with self._lock:
            if len(self._allowed) >= COMPANIES:
                self._allowed.clear()
            self._allowed[company_id] = self._clock() + FRESH_SECONDS
        return True

    def _ask(self, company_id: int) -> bool:
        asker = Caller(company_id=company_id, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(asker, AUDIENCE)}
        try:
            reply = self._neighbour.request("GET", "/internal/budget", headers=headers, failure_statuses=SERVER_ERRORS)
        except (NeighbourDown, NeighbourSlow):
            return False
        if reply.status != 200:
            return False
        try:
            return orjson.loads(reply.body)["allowed"] is True
        except (ValueError, KeyError, TypeError):
            return False
