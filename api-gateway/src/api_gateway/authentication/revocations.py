"""The sessions, users and API keys that were revoked lately, although their tokens have not expired yet."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from api_gateway.authentication.identity import Identity

KEPT_SECONDS = 16 * 60
"""An access token lives 15 minutes, so an older revocation refuses nothing any more."""
OVERLAP_SECONDS = 60.0
"""A revocation has the time of its statement and is seen after its commit, so each poll asks further back."""


class Revocation(NamedTuple):
    """A session's or key's id, or a user's subject, and when it was revoked (unix seconds)."""

    kind: str
    id: str
    revoked_at: float


class Revocations:
    """A copy of auth-service's list. When auth-service is down, the last copy goes on counting."""

    def __init__(self, fetch: Callable[[float], Iterable[Revocation]], clock: Callable[[], float] = time.time) -> None:
        """`fetch` returns the revocations since a moment in unix seconds."""
        self._fetch = fetch
        self._clock = clock
        self._revoked_at: dict[tuple[str, str], float] = {}
        self._latest = 0.0
        self._lock = threading.Lock()
        self.known = False
        """Whether the list was ever fetched. Before, no token may be accepted: it could be revoked."""

    def refresh(self) -> None:
        """Fetch what was revoked since the last time; raises what `fetch` raises."""
        kept_from = self._clock() - KEPT_SECONDS
        with self._lock:
            fetched = list(self._fetch(max(self._latest - OVERLAP_SECONDS, kept_from)))
            kept = {key: at for key, at in self._revoked_at.items() if at >= kept_from}
            for revocation in fetched:
                key = (revocation.kind, revocation.id)
                kept[key] = max(revocation.revoked_at, kept.get(key, 0.0))
                self._latest = max(self._latest, revocation.revoked_at)
            # Replaced as a whole: requests read it without the lock.
            self._revoked_at = kept
            self.known = True

    def refuse_key(self, key_id: str) -> bool:
        """Return whether the API key itself was revoked."""
        return ("key", key_id) in self._revoked_at

    def refuse(self, identity: Identity) -> bool:
        """Return whether the caller's session, or an access token or key of the caller, was revoked since."""
        revoked = self._revoked_at
        if not revoked:
            return False
        caller = identity.caller
        if ("session", caller.session) in revoked or ("key", identity.key_id) in revoked:
            return True
        # A user who was let in again has newer tokens, which count.
        return identity.verified_at <= revoked.get(("user", caller.subject), 0.0)
