"""Creates the vector store that the settings name."""

import time
from pathlib import Path

from service_kit.settings import BadSettings

from rag_service.ports import VectorsDown, VectorStore
from rag_service.settings import Settings

SHUTDOWN_SECONDS = 5.0
"""How long a process that is shutting down may keep its vectors."""


def vector_store(settings: Settings) -> VectorStore:
    """Return a server's store, or this process's embedded one; nothing is opened or called yet."""
    # Imported here, because only one of the two libraries is needed.
    if settings.qdrant_url:
        from rag_service.adapters.vectors.server import connect

        return connect(settings.qdrant_url, settings.qdrant_api_key, settings.qdrant_collection)
    from rag_service.adapters.vectors.edge import shards_in

    return shards_in(Path(settings.vectors_dir))


def refuse_second_owner(settings: Settings) -> None:
    """Raise BadSettings if another process owns the embedded vectors for longer than a shutdown takes. Releases them
    itself."""
    from rag_service.adapters.vectors.edge import shards_in

    ends = time.monotonic() + SHUTDOWN_SECONDS
    store = shards_in(Path(settings.vectors_dir))
    while True:
        try:
            store.check()
        except VectorsDown as reason:
            if time.monotonic() > ends:
                raise BadSettings([str(reason)]) from None
            time.sleep(0.1)
        else:
            return store.close()


def acquire_vectors(settings: Settings) -> None:
    """Acquire the embedded vectors for this process; raise VectorsDown if another process owns them."""
    from rag_service.adapters.vectors.edge import shards_in

    shards_in(Path(settings.vectors_dir)).check()
