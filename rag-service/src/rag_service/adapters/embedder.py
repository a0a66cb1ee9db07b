"""The encoder as this service uses it: waited for while it is being made ready, done without where there is none."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from model_kit.local import LocalEncoder
from service_kit.messaging.failures import NotNow


class Embedder:
    """Gives the encoder, or says why not."""

    def __init__(
        self, encoder: LocalEncoder | None, *, wait_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`encoder` is None where there shall be none; it is waited for so long from now on."""
        self._encoder = encoder
        self._clock = clock
        self._ends = clock() + wait_seconds

    def require_encoder(self) -> LocalEncoder | None:
        """Return the encoder; None where there is none, raise NotNow while it may still become ready."""
        if self._encoder is None or self._encoder.ready():
            return self._encoder
        if self._clock() < self._ends:
            raise NotNow("The language model is being made ready.")
        return None

    def ready_encoder(self) -> LocalEncoder | None:
        """Return the encoder if it is ready now."""
        return self._encoder if self._encoder is not None and self._encoder.ready() else None

    def name(self) -> str | None:
        """Return the encoder's name; None where there is none now."""
        encoder = self.ready_encoder()
        return None if encoder is None else encoder.name

    def embed(self, texts: Sequence[str]) -> Any:
        """Return a row of length 1 per text; None where there is no encoder now."""
        encoder = self.ready_encoder()
        return None if encoder is None else encoder.embed(texts)
