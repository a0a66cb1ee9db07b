"""Vectors in files: who owns them, what a killed process leaves, what is left of what was deleted."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from rag_service.adapters.vectors import factory
from rag_service.adapters.vectors.edge import EdgeShards, shards_in
from rag_service.ports import Point, Query, Vector, VectorsDamaged, VectorsDown
from rag_service.service import SERVICE
from rag_service.settings import read_settings
from service_kit.settings import BadSettings

ACME, OTHER = 7, 8
ALONE = "is owned by another process"
SECOND = """
import sys
from pathlib import Path
from rag_service.adapters.vectors.edge import shards_in
shards_in(Path(sys.argv[1])).check()
"""
WRITER = """
import sys
from pathlib import Path
from uuid import UUID
import numpy as np
from rag_service.adapters.vectors.edge import shards_in
from rag_service.ports import Point
store = shards_in(Path(sys.argv[1]))
rows = np.random.default_rng(0).normal(size=(4000, 384)).astype(np.float32)
for start in range(0, 4000, 20):
    points = [Point(UUID(int=n + 1), UUID(int=start + 1), 1, rows[n], f"passage {n}") for n in range(start, start + 20)]
    store.upsert(7, points)
    if start % 200 == 100:
        store.delete_document(7, UUID(int=start + 1))
    print(start, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vectors"


@pytest.fixture
def store(folder: Path) -> Iterator[EdgeShards]:
    made = shards_in(folder)
    yield made
    made.close()


def rows(count: int, seed: int = 0) -> Vector:
    return np.random.default_rng(seed).normal(size=(count, 384)).astype(np.float32)


def points(vectors: Vector, document: UUID, version: int = 1) -> list[Point]:
    return [Point(uuid4(), document, version, row, f"passage {number}") for number, row in enumerate(vectors)]


def files_with(folder: Path, needle: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]


def first_vector(folder: Path) -> bytes:
    """Return the bytes that the first stored vector is kept in."""
    [kept] = folder.rglob("vector_storage-dense/tq_vectors/chunk_0.mmap")
    return kept.read_bytes()[:384]


def first_words(folder: Path) -> bytes:
    """Return the bytes that the first passage's words are kept in, without how many they are."""
    [kept] = folder.rglob("vector_storage-words/store/page_0.dat")
    return kept.read_bytes()[8:28]


def test_one_folder_is_one_object_in_a_process(folder: Path) -> None:
    assert shards_in(folder) is shards_in(folder / ".." / folder.name)
    assert shards_in(folder) is not shards_in(folder.parent / "others")


def test_a_second_process_gets_an_error_that_says_what_to_do(store: EdgeShards, folder: Path) -> None:
    store.check()
    second = subprocess.run([sys.executable, "-c", SECOND, folder], capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert ALONE in second.stderr
    assert "set QDRANT_URL" in second.stderr
    store.close()
    assert subprocess.run([sys.executable, "-c", SECOND, folder], check=False).returncode == 0


def test_a_forked_process_does_not_inherit_the_folder(store: EdgeShards, folder: Path) -> None:
    store.check()
    child = os.fork()
    if child == 0:
        try:
            shards_in(folder).check()
        except VectorsDown as reason:
            os._exit(42 if ALONE in str(reason) else 43)
        os._exit(44)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42


def test_a_closed_store_opens_again_with_all_it_had(store: EdgeShards) -> None:
    store.upsert(ACME, points(rows(30), uuid4()))
    store.close()
    store.close()
    assert store.count(ACME) == 30
    assert len(store.search(ACME, Query("passage", rows(1)[0], 50))) == 30


def test_fewer_shards_stay_open_than_there_are_companies(folder: Path) -> None:
    store = EdgeShards(folder, max_open=2)
    for company in range(1, 6):
        store.upsert(company, points(rows(company), uuid4()))
    assert [store.count(company) for company in range(1, 6)] == [1, 2, 3, 4, 5]
    store.close()


@pytest.mark.parametrize("others", [0, 3_000])
def test_nothing_of_a_deleted_document_is_on_disk(store: EdgeShards, folder: Path, others: int) -> None:
    document = uuid4()
    gone = [replace(point, searched=f"zanzibar{number}") for number, point in enumerate(points(rows(3), document))]
    store.upsert(ACME, gone)
    if others:
        store.upsert(ACME, points(rows(others, seed=1), uuid4()))
    needles = [first_vector(folder), str(document).encode(), gone[0].chunk_id.bytes, first_words(folder)]
    assert all(files_with(folder, needle) for needle in needles)
    store.delete_document(ACME, document)
    assert [files_with(folder, needle) for needle in needles] == [[]] * 4
    assert store.count(ACME) == others
    store.close()
    assert [files_with(folder, needle) for needle in needles] == [[]] * 4


def test_nothing_of_an_old_version_is_on_disk(store: EdgeShards, folder: Path) -> None:
    document = uuid4()
    store.upsert(ACME, points(rows(1), document))
    old = first_vector(folder)
    store.upsert(ACME, points(rows(5, seed=1), document, version=2))
    assert files_with(folder, old)
    store.delete_older_versions(ACME, document, 2)
    assert files_with(folder, old) == []
    assert store.count(ACME) == 5


def test_one_deleted_passage_among_many_is_vacuumed_too(store: EdgeShards, folder: Path) -> None:
    document = uuid4()
    store.upsert(ACME, points(rows(1), document))
    old = first_vector(folder)
    store.upsert(ACME, points(rows(4_000, seed=1), uuid4()))
    # Swept once, so that what is left stands in another kind of segment.
    store.upsert(ACME, points(rows(1, seed=2), doomed := uuid4()))
    store.delete_document(ACME, doomed)
    store.delete_document(ACME, document)
    assert files_with(folder, old) == []


def test_a_deleted_company_leaves_no_folder(store: EdgeShards, folder: Path) -> None:
    store.upsert(ACME, points(rows(3), uuid4()))
    store.upsert(OTHER, points(rows(3), uuid4()))
    store.delete_company(ACME)
    assert not (folder / str(ACME)).exists()
    assert (store.count(ACME), store.count(OTHER)) == (0, 3)
    store.upsert(ACME, points(rows(2), uuid4()))
    assert store.count(ACME) == 2


def test_a_document_stored_while_the_last_other_is_deleted_is_kept(store: EdgeShards) -> None:
    with ThreadPoolExecutor(2) as pool:
        for number in range(10):
            store.upsert(ACME, points(rows(2), old := UUID(int=number + 1)))
            going = pool.submit(store.delete_document, ACME, old)
            coming = pool.submit(store.upsert, ACME, points(rows(3), new := uuid4()))
            going.result(), coming.result()
            assert store.count(ACME) == 3
            store.delete_document(ACME, new)


def test_a_damaged_shard_raises_and_can_be_rebuilt(store: EdgeShards, folder: Path) -> None:
    store.upsert(ACME, points(rows(3), uuid4()))
    store.close()
    for settings in (folder / str(ACME)).rglob("*.json"):
        settings.write_text("{")
    with pytest.raises(VectorsDown, match="rebuild"):
        store.search(ACME, Query("passage", None, 5))
    store.delete_company(ACME)
    store.upsert(ACME, points(rows(2), uuid4()))
    assert store.count(ACME) == 2


def test_a_folder_that_cannot_be_created_raises(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VectorsDown, match="can't be used"):
        shards_in(tmp_path / "file" / "vectors").count(ACME)


@pytest.mark.parametrize("put", [1, 7, 30, 61])
def test_a_killed_process_loses_nothing_that_put_returned_for(folder: Path, put: int) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, folder], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        started = [int(writer.stdout.readline()) for _ in range(put)]
        writer.send_signal(signal.SIGKILL)
        # What it still wrote between the last line that was read and its end.
        started += [int(line) for line in writer.stdout.read().split()]
    kept = {start for start in started if start % 200 != 100}
    store = shards_in(folder)
    found = {
        start
        for start in kept
        if len(store.search(7, Query("passage", None, 50, [UUID(int=start + 1)]))) == 20
    }  # fmt: skip
    assert found == kept
    # The store still works: repeating an upsert changes nothing, and a deleted document stays deleted.
    vectors = rows(4_000)
    last = max(started)
    again = [Point(UUID(int=n + 1), UUID(int=last + 1), 1, vectors[n], f"passage {n}") for n in range(last, last + 20)]
    before = store.count(7) + (20 if last not in kept else 0)
    store.upsert(7, again)
    assert store.count(7) == before
    store.close()


def test_a_second_service_is_refused_at_its_start(
    store: EdgeShards, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "SHUTDOWN_SECONDS", 0.2)
    settings = read_settings(
        {
            "SMARTTICKET_ENV": "development",
            "DATABASE_URL": "postgresql://rag_app@127.0.0.1:1/none",
            "VECTORS_DIR": str(folder),
        }
    )
    store.check()
    child = os.fork()
    if child == 0:
        try:
            SERVICE.load(settings)
        except BadSettings as refused:
            os._exit(42 if ALONE in refused.faults[0] else 43)
        os._exit(44)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
    child = os.fork()
    if child == 0:
        try:
            SERVICE.instance(settings).create_app()
        except VectorsDown:
            os._exit(42)
        os._exit(44)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42


def test_damaged_vectors_of_one_company_differ_from_a_store_that_is_down(store: EdgeShards, folder: Path) -> None:
    store.upsert(ACME, points(rows(3), uuid4()))
    store.upsert(OTHER, points(rows(3), uuid4()))
    store.close()
    for file in [path for path in (folder / str(ACME)).rglob("*") if path.is_file()]:
        file.write_bytes(b"spoiled")
    with pytest.raises(VectorsDamaged, match="rag rebuild"):
        store.search(ACME, Query("passage", None, 3))
    assert store.count(OTHER) == 3
    store.delete_company(ACME)
    assert store.count(ACME) == 0
