"""Loads fine-tuned encoders, a few per process, from folders that are filled from the database."""

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

MAX_LOADED = 2
"""About 80 MB each."""
IDLE_SECONDS = 600.0
"""An encoder is evicted only after so long without use. Else three busy companies would load theirs all the time."""
RETRY_SECONDS = 60.0
"""The pause before an encoder that could not be loaded is tried again."""
MAX_UNUSED_DAYS = 7
"""A folder without use for so long is removed; the database has its content."""
FOLDER = "tuned"
NAME = "all-MiniLM-L6-v2-tuned-int8"

log = get_logger(__name__)


@dataclass
class _Loaded:
    reader: Any
    """None: it could not be loaded."""
    used_at: float
    loaded_at: float


class TunedEncoders:
    """Attaches fine-tuned encoders to heads, as far as memory allows."""

    def __init__(
        self, database: Database, encoder_folder: Path, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._encoder_folder = encoder_folder
        self._clock = clock
        self._lock = Lock()
        self._loaded: dict[str, _Loaded] = {}

    def attach(self, company_id: int, head: Any) -> Any:
        """Return a head with its fine-tuned encoder, if it has one that can be loaded, else the head unchanged.

        Loading takes about a second, and concurrent callers wait for it.
        """
        if head.tuned is None:
            return head
        with self._lock:
            reader = self._reader(company_id, head)
        return head if reader is None else head.with_encoder(reader)

    def _reader(self, company_id: int, head: Any) -> Any:
        digest, now = head.tuned.encoder, self._clock()
        loaded = self._loaded.get(digest)
        if loaded is not None and (loaded.reader is not None or now - loaded.loaded_at < RETRY_SECONDS):
            loaded.used_at = now
            return loaded.reader
        if loaded is None and not self._make_room(now):
            return None
        reader = self._load(company_id, head.version, digest)
        self._loaded[digest] = _Loaded(reader, now, now)
        return reader

    def _make_room(self, now: float) -> bool:
        if len(self._loaded) < MAX_LOADED:
            return True
        oldest = min(self._loaded, key=lambda digest: self._loaded[digest].used_at)
        if now - self._loaded[oldest].used_at < IDLE_SECONDS and self._loaded[oldest].reader is not None:
            return False
        del self._loaded[oldest]
        return True

    def _load(self, company_id: int, version: str, digest: str) -> Any:
        # Imported here: an installation without a local model has no onnxruntime.
        from model_kit.encoder import OnnxEncoder
        from model_kit.model_store import MODEL, NotReady

        folder = _folder(self._encoder_folder, digest)
        try:
            try:
                reader = OnnxEncoder(folder)
            except NotReady:
                with self._database.session(company_id) as session:
                    encoder = tuned_encoders.encoder_of(session, company_id, version)
                if encoder is None:
                    log.info("a model's fine-tuned encoder is gone", version=version)
                    return None
                # Another process may be quicker; then its folder is read.
                with suppress(OSError):
                    install(encoder, folder, self._encoder_folder)
                    _remove_unused(folder.parent)
                reader = OnnxEncoder(folder)
            if reader.manifest.files[MODEL] != digest:
                log.warning("a model's fine-tuned encoder has another digest", version=version)
                return None
            (folder / MODEL).touch()
        except Exception as error:
            # The head works with the shared encoder, too; a library that can't load this one must not stop tickets.
            log.exception("a fine-tuned encoder can't be loaded", version=version, error=type(error).__name__)
            return None
        log.info("tuned encoder ready", version=version)
        return reader


def install(encoder: bytes, folder: Path, encoder_folder: Path) -> None:
    """Fill a folder with a fine-tuned encoder, as `OnnxEncoder` reads it, and the shared encoder's tokenizer."""
    from model_kit.model_store import MODEL, TOKENIZER, install_atomically

    def make(target: Path) -> str:
        (target / MODEL).write_bytes(encoder)
        copyfile(encoder_folder / TOKENIZER, target / TOKENIZER)
        return "tuned here"

    install_atomically(folder, NAME, make)


def remove_folders(database: Database, company_id: int, encoder_folder: Path) -> None:
    """Remove the folders of a company's fine-tuned encoders on this machine; another one's go when they are unused."""
    with database.session(company_id) as session:
        digests = tuned_encoders.digests_of(session, company_id)
    for digest in digests:
        rmtree(_folder(encoder_folder, digest), ignore_errors=True)


def _folder(encoder_folder: Path, digest: str) -> Path:
    return encoder_folder.parent / FOLDER / digest[:16]


def _remove_unused(folder: Path) -> None:
    from model_kit.model_store import MODEL

    for file in folder.glob(f"*/{MODEL}"):
        if time.time() - file.stat().st_mtime > MAX_UNUSED_DAYS * 86_400:
            rmtree(file.parent, ignore_errors=True)
