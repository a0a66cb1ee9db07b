"""Which answers are worth another try, and when."""

import random
from dataclasses import dataclass

REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
"""Methods whose repetition has no second effect. A POST has none either: it carries an Idempotency-Key."""
BUSY = frozenset({502, 503, 504})
JITTER = 0.25


@dataclass(frozen=True)
class Retries:
    """How often to try again, and how long to wait in between.

    `max_wait_seconds` also bounds what the server asks for by `Retry-After`: a longer time is not waited for, and the
    problem is raised at once.
    """

    attempts: int = 4
    min_wait_seconds: float = 0.2
    max_wait_seconds: float = 30.0

    def wait_after(self, attempt: int, asked: float | None) -> float | None:
        """Return the seconds to wait before the next try, None where there should be none.

        `attempt` begins at 1; `asked` is the server's `Retry-After`.
        """
        if attempt >= self.attempts or (asked is not None and asked > self.max_wait_seconds):
            return None
        backoff = min(self.min_wait_seconds * 2.0 ** (attempt - 1), self.max_wait_seconds)
        return max(backoff * random.uniform(1 - JITTER, 1 + JITTER), asked or 0.0)


NO_RETRIES = Retries(attempts=1)


def may_repeat(method: str, *, has_key: bool) -> bool:
    """Return whether a request may be sent again although the first may have had its effect."""
    return method in REPEATABLE or has_key


def worth_repeating(status: int, code: str, *, repeatable: bool) -> bool:
    """Return whether an answer is worth another try.

    429 had no effect, whatever the method. `in_progress` answers a repeated POST whose first is still being processed.
    """
    if status == 429:
        return True
    return repeatable and (status in BUSY or (status == 409 and code == "in_progress"))
