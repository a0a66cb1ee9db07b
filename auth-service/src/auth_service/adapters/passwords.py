"""Hashes passwords with argon2id, as many at a time as there are processors."""

import base64
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

import argon2
from argon2.exceptions import VerifyMismatchError

from auth_service.adapters import new_passwords
from auth_service.adapters.bulkhead import Bulkhead, HashingBusy
from auth_service.domain import password as rules

# OWASP's first choice for argon2id. One thread per hash: more would only queue for the same processors.
MEMORY_KIB = 46 * 1024
TIME_COST = 1
HASH_BYTES = 32
SALT_BYTES = 16

MAX_WAIT_SECONDS = 2.0
MAX_WAITING = 8
MAX_PRETENDED_SECONDS = 0.5
"""The longest time that a refused try waits for: overload shows in 503s, not in refusals that hold a thread."""


class PasswordHasher:
    """Hashes and verifies passwords. Never call it inside a transaction: a hash takes about 0.1 s."""

    def __init__(
        self, parallel: int, *, bulkhead: Bulkhead | None = None, max_wait_seconds: float = MAX_WAIT_SECONDS
    ) -> None:
        """`parallel` is the number of hashes that this process computes at the same time.

        `bulkhead` bounds the threads that compute or wait; by default there are eight more than compute.
        """
        self._argon2 = argon2.PasswordHasher(
            time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=1, hash_len=HASH_BYTES, salt_len=SALT_BYTES
        )
        self._slots = BoundedSemaphore(parallel)
        self._bulkhead = bulkhead or Bulkhead(parallel + MAX_WAITING)
        self._max_wait_seconds = max_wait_seconds
        self._dummy = _dummy_hash()
        self._lock = Lock()
        self._usual_seconds = 0.1

    def hash(self, password: str, *, field: str = "password", personal: Collection[str] = ()) -> str:
        """Return the encoded hash of a new password; `personal` are texts that it must not be made of.

        Raises BadPassword, which names the request's `field`, where it is against the rules, and HashingBusy.
        """
        composed = new_passwords.checked(password, field=field, personal=personal)
        with self._slot():
            return self._argon2.hash(composed)

    def rehash(self, password: str) -> str:
        """Return a hash of a password that was accepted before, perhaps by other rules; raise HashingBusy."""
        with self._slot():
            return self._argon2.hash(rules.normalized(password))

    def verify(self, encoded: str | None, password: str, *, field: str = "password") -> bool:
        """Return whether a password fits a hash. None takes as long and fits nothing: nobody learns which names exist.

        Raises BadPassword, which names the request's `field`, for a text that no password can be, and HashingBusy.
        """
        composed = rules.normalized(password, field=field)
        with self._slot():
            try:
                self._argon2.verify(encoded or self._dummy, composed)
            except VerifyMismatchError:
                return False
        return encoded is not None

    def needs_rehash(self, encoded: str) -> bool:
        """Return whether a hash was made with other parameters than today's; rehash after a successful login."""
        return self._argon2.check_needs_rehash(encoded)

    def wait_as_if_verifying(self) -> None:
        """Wait as long as `verify` usually takes, without its work: a refused try looks like a wrong password.

        Raises HashingBusy where no place is free.
        """
        with self._bulkhead.slot():
            time.sleep(min(self._usual_seconds, MAX_PRETENDED_SECONDS))

    @contextmanager
    def _slot(self) -> Iterator[None]:
        with self._bulkhead.slot():
            arrived = time.monotonic()
            if not self._slots.acquire(timeout=self._max_wait_seconds):
                raise HashingBusy
            try:
                yield
            finally:
                self._slots.release()
                self._observe(time.monotonic() - arrived)

    def _observe(self, seconds: float) -> None:
        with self._lock:
            self._usual_seconds += 0.2 * (seconds - self._usual_seconds)


def _dummy_hash() -> str:
    """Return a hash of today's parameters that no password has; made of random bytes, it costs nothing."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (SALT_BYTES, HASH_BYTES)
    )
    return f"$argon2id$v={argon2.low_level.ARGON2_VERSION}$m={MEMORY_KIB},t={TIME_COST},p=1${salt}${digest}"
