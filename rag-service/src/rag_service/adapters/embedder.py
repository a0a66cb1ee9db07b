"""The encoder of this service; it may be missing, or still being installed."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from eventbus.retry.policy import RetryLater
from model_kit.local import LocalEncoder


class Embedder:
    """Provides the encoder once it is ready."""

    def __init__(
        self, encoder: LocalEncoder | None, *, wait_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`encoder` None: there is no local model. `wait_seconds`: how long `require_encoder` waits for it, from now
        on."""
        self._encoder = encoder
        self._clock = clock
        self._ends = clock() + wait_seconds

    def require_encoder(self) -> LocalEncoder | None:
        """Return the encoder, or None without one; raise RetryLater while it may still become ready."""
        if self._encoder is None or self._encoder.ready():
            return self._encoder
        if self._clock() < self._ends:
            raise RetryLater("The language model is being made ready.")
        return None

    def ready_encoder(self) -> LocalEncoder | None:
        """Return the encoder if it is ready now, else None."""
        return self._encoder if self._encoder is not None and self._encoder.ready() else None

    def name(self) -> str | None:
        """Return the name of the ready encoder, else None."""
        encoder = self.ready_encoder()
        return None if encoder is None else encoder.name

    def embed(self, texts: Sequence[str]) -> Any:
        """Return a row of length 1 per text; None without a ready encoder."""
        encoder = self.ready_encoder()
        return None if encoder is None else encoder.embed(texts)
