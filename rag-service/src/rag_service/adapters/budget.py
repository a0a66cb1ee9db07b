"""Asks ai-service, which keeps the ledger, whether a company may still spend money on a model."""

import time
from collections.abc import Callable
from threading import Lock

import orjson
from cachetools import TTLCache
from service_kit.http_client import SERVER_ERRORS, ServiceClient, UpstreamTimeout, UpstreamUnavailable
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner

AUDIENCE = "ai-service"
CACHE_SECONDS = 10.0
"""How long a permission is cached, and so how long an exhausted budget may still be used. Refusals are not cached: a
raised budget or a recovered ai-service counts for the next ticket."""
MAX_COMPANIES = 10_000


class Budget:
    """Says whether a company may spend money; if ai-service does not answer, it may not, and answers are extractive."""

    def __init__(
        self, client: ServiceClient, signer: TokenSigner, name: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`name`: this service's name, used as the caller in the token."""
        self._client = client
        self._signer = signer
        self._name = name
        self._lock = Lock()
        self._allowed: TTLCache[int, bool, float] = TTLCache(MAX_COMPANIES, CACHE_SECONDS, timer=clock)

    def allows(self, company_id: int) -> bool:
        """Return whether a company may use a paid model now."""
        with self._lock:
            if company_id in self._allowed:
                return True
        if not self._ask(company_id):
            return False
        with self._lock:
            self._allowed[company_id] = True
        return True

    def _ask(self, company_id: int) -> bool:
        asker = Caller(company_id=company_id, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(asker, AUDIENCE)}
        try:
            reply = self._client.request("GET", "/internal/budget", headers=headers, failure_statuses=SERVER_ERRORS)
        except (UpstreamUnavailable, UpstreamTimeout):
            return False
        if reply.status != 200:
            return False
        try:
            return orjson.loads(reply.body)["allowed"] is True
        except (ValueError, KeyError, TypeError):
            return False
