"""Which vector store the settings name."""

import time
from pathlib import Path

from service_kit.settings import BadSettings

from rag_service.ports import VectorsDown, VectorStore
from rag_service.settings import Settings

PATIENCE_SECONDS = 5.0
"""How long a process that ends may keep its vectors."""


def vector_store(settings: Settings) -> VectorStore:
    """Return a server's store, or this process's own; opens and asks nothing yet."""
    # Imported here: whoever uses one of them needn't load the other.
    if settings.qdrant_url:
        from rag_service.adapters.vectors.server import connect

        return connect(settings.qdrant_url, settings.qdrant_api_key, settings.qdrant_collection)
    from rag_service.adapters.vectors.edge import shards_in

    return shards_in(Path(settings.vectors_dir))


def refuse_second_owner(settings: Settings) -> None:
    """Raise BadSettings where another process owns the embedded vectors and keeps them. Leaves them to who is next."""
    from rag_service.adapters.vectors.edge import shards_in

    ends = time.monotonic() + PATIENCE_SECONDS
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
    """Take the embedded vectors for this process, which so ends at once where it can't; raise VectorsDown."""
    from rag_service.adapters.vectors.edge import shards_in

    shards_in(Path(settings.vectors_dir)).check()
