"""Embedded vectors: Qdrant Edge, one shard per company.

A shard per company isolates tenants: no query can name another company's. It also keeps the IDF of one company's terms
from depending on another's, and a company is deleted with its folder.

One process owns the files, guarded by a file lock. Within it, `shards_in` returns the same object for the same folder,
so the HTTP side and the worker of one process share what is open.
"""

import fcntl
import os
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Lock
from typing import IO
from uuid import UUID, uuid4

from rag_service.adapters.vectors import ranking, shard
from rag_service.adapters.vectors.ranking import DIMENSIONS, require_company_id
from rag_service.adapters.vectors.shard import Shard
from rag_service.ports import Hit, Point, Query, VectorsDamaged, VectorsDown

MAX_OPEN_SHARDS = 200
"""Open shards; each costs a thread and half a megabyte besides its data."""
LOCK = "owner.lock"
DELETING_PREFIX, CREATING_PREFIX = ".leaving-", ".coming-"

_opened: dict[tuple[int, Path], "EdgeShards"] = {}
_opening = Lock()


def shards_in(folder: Path) -> "EdgeShards":
    """Return this process's only store for a folder. Nothing is opened before its first use."""
    with _opening:
        # Keyed by process: a forked child must find the folder taken and not use the parent's store.
        key = os.getpid(), folder.resolve()
        if key not in _opened:
            _opened[key] = EdgeShards(folder.resolve())
        return _opened[key]


class EdgeShards:
    """The VectorStore of a folder; take it from `shards_in`."""

    def __init__(self, folder: Path, *, max_open: int = MAX_OPEN_SHARDS) -> None:
        self._folder = folder
        self._max_open = max_open
        self._shards: OrderedDict[int, Shard] = OrderedDict()
        self._changed = Condition()
        self._lock: IO[str] | None = None

    def check(self) -> None:
        """Acquire the folder, as the first use does otherwise; raise VectorsDown if another process owns it."""
        with self._changed:
            self._acquire()

    def upsert(self, company_id: int, points: Sequence[Point]) -> None:
        """Store points; they are on disk when this returns."""
        for point in points:
            if point.dense.shape != (DIMENSIONS,):
                raise ValueError(f"a vector has {DIMENSIONS} numbers, not {point.dense.shape}")
        with self._borrowed(require_company_id(company_id), make=bool(points)) as borrowed:
            if borrowed:
                borrowed.put(points)

    def search(self, company_id: int, question: Query) -> list[Hit]:
        """Return the company's best chunks."""
        with self._borrowed(require_company_id(company_id)) as borrowed:
            return ranking.best(question, borrowed) if borrowed else []

    def candidates(self, company_id: int, question: Query) -> list[Hit]:
        """Return all chunks that a search orders."""
        with self._borrowed(require_company_id(company_id)) as borrowed:
            return ranking.candidates(question, borrowed) if borrowed else []

    def outdated(self, company_id: int) -> int:
        """Return how many points have terms of an earlier form."""
        with self._borrowed(require_company_id(company_id)) as borrowed:
            return borrowed.outdated() if borrowed else 0

    def delete_older_versions(self, company_id: int, document: UUID, version: int) -> None:
        """Remove the points of a document's versions before this one, from disk too."""
        self._remove(company_id, document, before=version)

    def delete_document(self, company_id: int, document: UUID) -> None:
        """Remove all points of a document, from disk too."""
        self._remove(company_id, document)

    def delete_company(self, company_id: int) -> None:
        """Remove a company's shard, even an unreadable one, so that it can be created again."""
        self._drop(require_company_id(company_id))

    def count(self, company_id: int) -> int:
        """Return how many points a company has."""
        with self._borrowed(require_company_id(company_id)) as borrowed:
            return borrowed.count() if borrowed else 0

    def close(self) -> None:
        """Close all shards once they are unused, and release the folder. A later use acquires it again."""
        with self._changed, _as_vectors_down("the vectors can't be closed"):
            self._changed.wait_for(lambda: not any(each.users for each in self._shards.values()))
            while self._shards:
                self._shards.popitem()[1].close()
            if self._lock:
                self._lock.close()
                self._lock = None

    def _remove(self, company_id: int, document: UUID, *, before: int | None = None) -> None:
        with self._borrowed(require_company_id(company_id)) as borrowed:
            if not borrowed:
                return
            borrowed.remove(document, before=before)
            empty = not borrowed.count()
        if empty:
            # The library does not vacuum an empty shard.
            self._drop(company_id, where=lambda shard: not shard.count())

    def _drop(self, company_id: int, where: Callable[[Shard], bool] | None = None) -> None:
        """Remove a company's files once nothing uses them, if `where` still holds for the shard then."""
        path = self._shard_path(company_id)
        with self._changed, _as_vectors_down(f"the vectors of company {company_id} can't be removed"):
            self._acquire()
            self._changed.wait_for(lambda: company_id not in self._shards or not self._shards[company_id].users)
            unused = self._shards.get(company_id) or (self._opened(company_id, make=False) if where else None)
            if where and not (unused and where(unused)):
                return
            if unused:
                del self._shards[company_id]
                unused.close()
            if path.exists():
                # Renamed first: a shard that is half removed must not be opened.
                deleting = path.with_name(f"{DELETING_PREFIX}{uuid4()}")
                path.rename(deleting)
                shutil.rmtree(deleting)

    @contextmanager
    def _borrowed(self, company_id: int, *, make: bool = False) -> Iterator[Shard | None]:
        """Yield a company's shard for the block; None if it has none and `make` is false."""
        with _as_vectors_down(f"the vectors of company {company_id} can't be used; `rag rebuild` makes them again"):
            with self._changed:
                self._acquire()
                borrowed = self._shards.get(company_id) or self._opened(company_id, make=make)
                if borrowed:
                    borrowed.users += 1
                    self._shards.move_to_end(company_id)
            try:
                yield borrowed
            finally:
                if borrowed:
                    with self._changed:
                        borrowed.users -= 1
                        self._changed.notify_all()

    def _opened(self, company_id: int, *, make: bool) -> Shard | None:
        path = self._shard_path(company_id)
        if not path.exists():
            if not make:
                return None
            creating = path.with_name(f"{CREATING_PREFIX}{uuid4()}")
            creating.mkdir()
            shard.make(creating)
            creating.rename(path)
        while len(self._shards) >= self._max_open:
            unused = next((number for number, each in self._shards.items() if not each.users), None)
            if unused is None:
                break
            self._shards.pop(unused).close()
        try:
            self._shards[company_id] = Shard(path)
        except Exception as error:
            if type(error) is not Exception:
                raise
            raise VectorsDamaged(
                f"the vectors of company {company_id} can't be read; `rag rebuild` makes them again: {error}"
            ) from error
        return self._shards[company_id]

    def _shard_path(self, company_id: int) -> Path:
        return self._folder / str(company_id)

    def _acquire(self) -> None:
        if self._lock:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = (self._folder / LOCK).open("a")
        except OSError as error:
            raise VectorsDown(f"the folder of the vectors can't be used: {error}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise VectorsDown(
                f"{self._folder} is owned by another process; embedded vectors belong to one process: "
                "run one rag-service, or set QDRANT_URL"
            ) from None
        self._lock = lock
        for name in (DELETING_PREFIX, CREATING_PREFIX):
            for rest in self._folder.glob(f"{name}*"):
                shutil.rmtree(rest, ignore_errors=True)


@contextmanager
def _as_vectors_down(what: str) -> Iterator[None]:
    """Convert the library's failures, which are bare Exceptions, and disk errors into VectorsDown."""
    try:
        yield
    except Exception as error:
        if type(error) is not Exception and not isinstance(error, OSError):
            raise
        raise VectorsDown(f"{what}: {error}") from error
