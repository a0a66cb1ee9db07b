"""The tuned encoders of a process: a few at once, each loaded from a folder that was filled from the database."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile, rmtree
from threading import Lock
from typing import Any

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from ai_service.store import tuned_encoders

MOST = 2
"""In memory at once, about 80 MB each."""
IDLE_SECONDS = 600.0
"""Only one that nobody asked for so long makes room. Else three busy companies would load theirs again all the time."""
AGAIN_SECONDS = 60.0
"""After so long it is tried again to load one that could not be loaded."""
UNUSED_DAYS = 7
"""A folder that no process read for so long is removed; the database has what stood there."""
FOLDER = "tuned"
NAME = "all-MiniLM-L6-v2-tuned-int8"

log = get_logger(__name__)


@dataclass
class _Kept:
    reader: Any
    """None: it could not be loaded."""
    asked_at: float
    loaded_at: float


class TunedEncoders:
    """Gives the tuned encoder of a head, if there is one and room for it."""

    def __init__(
        self, database: Database, encoder_folder: Path, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._encoder_folder = encoder_folder
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[str, _Kept] = {}

    def bind(self, company: int, head: Any) -> Any:
        """Return a head as it shall judge now: with its tuned encoder where it has one that can be used, else as it is.

        The first time it takes about a second, and whoever asks meanwhile waits for it.
        """
        if head.tuned is None:
            return head
        with self._lock:
            reader = self._reader(company, head)
        return head if reader is None else head.with_encoder(reader)

    def _reader(self, company: int, head: Any) -> Any:
        digest, now = head.tuned.encoder, self._clock()
        kept = self._kept.get(digest)
        if kept is not None and (kept.reader is not None or now - kept.loaded_at < AGAIN_SECONDS):
            kept.asked_at = now
            return kept.reader
        if kept is None and not self._room(now):
            return None
        reader = self._load(company, head.version, digest)
        self._kept[digest] = _Kept(reader, now, now)
        return reader

    def _room(self, now: float) -> bool:
        if len(self._kept) < MOST:
            return True
        oldest = min(self._kept, key=lambda digest: self._kept[digest].asked_at)
        if now - self._kept[oldest].asked_at < IDLE_SECONDS and self._kept[oldest].reader is not None:
            return False
        del self._kept[oldest]
        return True

    def _load(self, company: int, version: str, digest: str) -> Any:
        # Imported here: a system without a local model must not pay for onnxruntime.
        from model_kit.encoder import OnnxEncoder
        from model_kit.model_store import MODEL, NotReady

        folder = self._encoder_folder.parent / FOLDER / digest[:16]
        try:
            try:
                reader = OnnxEncoder(folder)
            except NotReady:
                with self._database.session(company) as session:
                    encoder = tuned_encoders.encoder_of(session, company, version)
                if encoder is None:
                    log.info("a model's tuned encoder is gone", version=version)
                    return None
                # Another process may be quicker; then what it put there is read.
                with suppress(OSError):
                    put(encoder, folder, self._encoder_folder)
                    _sweep(folder.parent)
                reader = OnnxEncoder(folder)
            if reader.manifest.files[MODEL] != digest:
                log.warning("a model's tuned encoder is another one", version=version)
                return None
            (folder / MODEL).touch()
        except Exception as error:
            # Without it the model judges by what all share; a library that can't load it must not stop tickets.
            log.exception("a tuned encoder can't be loaded", version=version, error=type(error).__name__)
            return None
        log.info("tuned encoder ready", version=version)
        return reader


def put(encoder: bytes, folder: Path, encoder_folder: Path) -> None:
    """Fill a folder with a tuned encoder, as `OnnxEncoder` reads it. Its tokenizer is that of the encoder all share."""
    from model_kit.model_store import MODEL, TOKENIZER, install_atomically

    def make(place: Path) -> str:
        (place / MODEL).write_bytes(encoder)
        copyfile(encoder_folder / TOKENIZER, place / TOKENIZER)
        return "tuned here"

    install_atomically(folder, NAME, make)


def _sweep(folder: Path) -> None:
    from model_kit.model_store import MODEL

    for file in folder.glob(f"*/{MODEL}"):
        if time.time() - file.stat().st_mtime > UNUSED_DAYS * 86_400:
            rmtree(file.parent, ignore_errors=True)
