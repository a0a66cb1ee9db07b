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
    """A session's or key's id, or a user's subject, and when it was revoked (unix seconds).

    The kind `role` says that a user has another role: keys of the user must be verified again.
    """

    kind: str
    id: str
    revoked_at: float


class _Seen(NamedTuple):
    """When something was revoked by auth-service's clock, and since when it is known here by this process's clock."""

    revoked_at: float
    seen_at: float


NEVER = _Seen(0.0, 0.0)


class Revocations:
    """A copy of auth-service's list. When auth-service is down, the last copy goes on counting."""

    def __init__(self, fetch: Callable[[float], Iterable[Revocation]], clock: Callable[[], float] = time.time) -> None:
        """`fetch` returns the revocations since a moment in unix seconds."""
        self._fetch = fetch
        self._clock = clock
        self._revoked: dict[tuple[str, str], _Seen] = {}
        self._latest = 0.0
        self._lock = threading.Lock()
        self.known = False
        """Whether the list was ever fetched. Before, no token may be accepted: it could be revoked."""

    def refresh(self) -> None:
        """Fetch what was revoked since the last time; raises what `fetch` raises."""
        kept_from = self._clock() - KEPT_SECONDS
        with self._lock:
            fetched = list(self._fetch(max(self._latest - OVERLAP_SECONDS, kept_from)))
            kept = {key: seen for key, seen in self._revoked.items() if seen.revoked_at >= kept_from}
            now = self._clock()
            for revocation in fetched:
                key = (revocation.kind, revocation.id)
                if revocation.revoked_at > kept.get(key, NEVER).revoked_at:
                    kept[key] = _Seen(revocation.revoked_at, now)
                self._latest = max(self._latest, revocation.revoked_at)
            # Replaced as a whole: requests read it without the lock.
            self._revoked = kept
            self.known = True

    def refuse_key(self, key_id: str) -> bool:
        """Return whether the API key itself was revoked."""
        return ("key", key_id) in self._revoked

    def refuse(self, identity: Identity) -> bool:
        """Return whether the caller's session, or an access token or key of the caller, was revoked since.

        A key is refused until it is verified again, also where its owner has another role by now.
        """
        revoked = self._revoked
        if not revoked:
            return False
        caller = identity.caller
        if ("session", caller.session) in revoked or ("key", identity.key_id) in revoked:
            return True
        user = revoked.get(("user", caller.subject), NEVER)
        if identity.key_id:
            # This process's clock says when it was verified, so its clock says whether that was before.
            changed = revoked.get(("role", caller.subject), NEVER)
            return identity.verified_at <= max(user.seen_at, changed.seen_at)
        # A user who was let in again has newer tokens, which count.
        return identity.verified_at <= user.revoked_at
