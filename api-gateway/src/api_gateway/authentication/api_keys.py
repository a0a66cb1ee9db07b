"""Verifies API keys: the checksum here, the rest by auth-service, whose answer is kept for a minute."""

import hashlib
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cachetools import FIFOCache
from service_kit.identity import Caller
from service_kit.identity.api_keys import is_well_formed, key_id_of

from api_gateway.authentication.identity import Identity, invalid_token

KEPT_SECONDS = 60.0
RENEWED_AFTER_SECONDS = 30.0
"""From then on one request asks again while the others use the answer of before, so that none of them waits."""
REFUSED_SECONDS = 5.0
MAX_KEYS = 4096


@dataclass
class _Answer:
    identity: Identity | None
    asked_at: float
    expires_at: float = math.inf
    """When the key itself expires, in unix seconds."""
    renewing: bool = False


class ApiKeys:
    """The API keys that were presented lately, by their digests."""

    def __init__(
        self, verify: Callable[[str], Mapping[str, Any] | None], clock: Callable[[], float] = time.time
    ) -> None:
        """`verify` returns a key's owner, None for an invalid key; it raises Unavailable."""
        self._verify = verify
        self._clock = clock
        self._answers: FIFOCache[bytes, _Answer] = FIFOCache(MAX_KEYS)
        self._lock = threading.Lock()

    def identify(self, key: str) -> Identity:
        """Return the key's owner; raise Unauthorized (401), or Unavailable (503) where auth-service doesn't answer."""
        if not is_well_formed(key):
            raise invalid_token()
        digest = hashlib.sha256(key.encode("ascii")).digest()
        answer = self._kept(digest) or self._ask(key, digest)
        if answer.identity is None:
            raise invalid_token()
        return answer.identity

    def forget(self, key: str) -> None:
        """Drop what is kept of a key, so that its next use asks auth-service."""
        with self._lock:
            self._answers.pop(hashlib.sha256(key.encode("ascii", "replace")).digest(), None)

    def _kept(self, digest: bytes) -> _Answer | None:
        """Return an answer that is still good; None where the caller must ask."""
        with self._lock:
            answer = self._answers.get(digest)
            if answer is None:
                return None
            now = self._clock()
            age = now - answer.asked_at
            if now >= answer.expires_at:
                return None
            if age >= (KEPT_SECONDS if answer.identity else REFUSED_SECONDS):
                return None
            if age >= RENEWED_AFTER_SECONDS and not answer.renewing:
                answer.renewing = True
                return None
            return answer

    def _ask(self, key: str, digest: bytes) -> _Answer:
        now = self._clock()
        try:
            owner = self._verify(key)
        except Exception:
            with self._lock:
                before = self._answers.get(digest)
                is_recent = before is not None and now - before.asked_at < KEPT_SECONDS and now < before.expires_at
                if before is not None and before.identity and is_recent:
                    before.renewing = False
                    return before
            raise
        answer = _Answer(None, now)
        if owner is not None:
            key_id = key_id_of(key)
            expiry = _expiry(owner)
            answer = _Answer(Identity(_caller(owner, key_id), now, key_id, expiry), now, expiry)
        with self._lock:
            self._answers[digest] = answer
        return answer


def _expiry(owner: Mapping[str, Any]) -> float:
    text = owner.get("expires_at")
    return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else math.inf


def _caller(owner: Mapping[str, Any], key_id: str) -> Caller:
    scopes = owner["scopes"]
    return Caller(
        company_id=owner["company_id"],
        role=owner["role"],
        subject=owner["subject"],
        name=owner["name"],
        scopes=None if scopes is None else frozenset(scopes),
        # An earlier release of auth-service sends neither address nor key_name.
        email=owner.get("email", ""),
        api_key=key_id,
        api_key_name=owner.get("key_name", ""),
    )
