"""What do vectors cost as they grow? `python -m benchmarks.vector_scale`

The embedded store with 1,000, 10,000 and 100,000 made-up passages of one company, each size in a process of its own:
clustered vectors, words as unevenly frequent as a language's. A second company has 2 % of as many. The words are those
that the encoder knows whole, as most words of a question are.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import numpy as np
import psutil
from model_kit.encoder import OnnxEncoder
from model_kit.model_store import TOKENIZER, NotReady
from rag_service.adapters.vectors.edge import EdgeShards
from rag_service.adapters.vectors.ranking import Lookup
from rag_service.adapters.vectors.shard import Shard
from rag_service.ports import Point, Query
from tokenizers import Tokenizer

from benchmarks.machine import percentile
from benchmarks.report import Row, Table

ENCODER = Path(__file__).parents[1] / ".venv" / "models" / "encoder"
SIZES = (1_000, 10_000, 100_000)
SMALL_SHARE = 0.02
PASSAGES_PER_DOCUMENT = 100
WORDS_PER_PASSAGE, WORDS_PER_QUESTION = 100, 12
QUESTIONS = 300
CLUSTERS, LATENT = 200, 64
BIG, SMALL = 1, 2
COMPANIES = 50


@lru_cache
def vocabulary() -> np.ndarray:
    """Return the words that texts are made of; numbered ones where there is no encoder."""
    try:
        known = Tokenizer.from_file(str(ENCODER / TOKENIZER)).get_vocab()
    except Exception:  # of no kind of its own where the file is missing
        return np.array([f"word{number}x" for number in range(20_000)])
    return np.random.default_rng(0).permutation(sorted(word for word in known if word.isascii() and word.isalpha()))


class Texts:
    """Made-up passages, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        shape = np.random.default_rng(0)
        self._mix = shape.normal(size=(LATENT, 384))
        self._centres = shape.normal(size=(CLUSTERS, LATENT))
        self._random = np.random.default_rng(seed)

    def vectors(self, count: int) -> np.ndarray:
        """Return vectors of length 1, in clusters."""
        near = self._centres[self._random.integers(0, CLUSTERS, count)]
        rows = (near + 0.6 * self._random.normal(size=(count, LATENT))) @ self._mix
        rows += 0.5 * self._random.normal(size=rows.shape)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    def text(self, words: int) -> str:
        """Return a text of words of which few are frequent and most are rare."""
        places = np.minimum(self._random.zipf(1.3, words), len(vocabulary())) - 1
        return " ".join(vocabulary()[places])


def points(size: int, company: int) -> Iterator[list[Point]]:
    """Return a company's passages document by document."""
    texts = Texts(company)
    for start in range(0, size, PASSAGES_PER_DOCUMENT):
        document = UUID(int=company << 64 | start + 1)
        rows = texts.vectors(min(PASSAGES_PER_DOCUMENT, size - start))
        yield [
            Point(UUID(int=company << 64 | start + place + 1), document, 1, row, texts.text(WORDS_PER_PASSAGE))
            for place, row in enumerate(rows)
        ]


def measure(size: int, folder: Path) -> dict[str, float]:
    """Fill a store, ask it, forget a document; return the figures."""
    me, store = psutil.Process(), EdgeShards(folder)
    found: dict[str, float] = {"before MB": me.memory_info().rss / 1e6}
    put_cpu = 0.0
    for company, count in ((BIG, size), (SMALL, max(1, int(size * SMALL_SHARE)))):
        for document in points(count, company):
            began = time.process_time()
            store.upsert(company, document)
            put_cpu += time.process_time() - began
    found["put per CPU-s"] = size * (1 + SMALL_SHARE) / put_cpu
    encoder = _encoder()
    for company, name in ((BIG, "big"), (SMALL, "small")):
        for key, value in asked(store, company, encoder).items():
            found[f"{name} {key}"] = value
    found |= beside(store)
    found["MB"] = me.memory_info().rss / 1e6
    found["disk MB"] = sum(file.stat().st_blocks * 512 for file in folder.rglob("*")) / 1e6
    began, cpu = time.monotonic(), time.process_time()
    store.delete_document(BIG, UUID(int=BIG << 64 | 1))
    found["forget ms"], found["forget CPU ms"] = 1e3 * (time.monotonic() - began), 1e3 * (time.process_time() - cpu)
    found["swept big p50"] = asked(store, BIG, encoder)["p50"]
    store.close()
    began = time.monotonic()
    store.count(BIG)
    found["open ms"] = 1e3 * (time.monotonic() - began)
    store.close()
    found["recall"] = recall(folder / str(BIG), size)
    return found


def _encoder() -> OnnxEncoder | None:
    try:
        return OnnxEncoder(ENCODER)
    except NotReady as reason:
        print(f"without encoding: {reason}", file=sys.stderr)
        return None


def asked(store: EdgeShards, company: int, encoder: OnnxEncoder | None) -> dict[str, float]:
    """Return percentiles and CPU of searches, in ms; the question is encoded too where there is an encoder."""
    texts = Texts(99)
    questions = [Query(texts.text(WORDS_PER_QUESTION), row, 12) for row in texts.vectors(QUESTIONS)]
    for question in questions[:10]:
        store.search(company, question)
    took, cpu = [], time.process_time()
    for question in questions:
        began = time.perf_counter()
        if encoder:
            encoder.embed(["How do I set up the printer on the second floor for the guests?"])
        store.search(company, question)
        took.append(1e3 * (time.perf_counter() - began))
    return {
        "p50": percentile(took, 0.5),
        "p99": percentile(took, 0.99),
        "CPU": 1e3 * (time.process_time() - cpu) / QUESTIONS,
    }


def beside(store: EdgeShards) -> dict[str, float]:
    """Return how long another thread had to wait at most while searches ran: the interpreter lock is free in them."""
    waits, over = [0.0], threading.Event()

    def tick() -> None:
        while not over.is_set():
            began = time.perf_counter()
            time.sleep(0.001)
            waits.append(1e3 * (time.perf_counter() - began))

    ticking = threading.Thread(target=tick)
    ticking.start()
    for row in Texts(98).vectors(50):
        store.search(BIG, Query(" ".join(vocabulary()[[4, 76]]), row, 12))
    over.set()
    ticking.join()
    return {"beside p99 ms": percentile(waits, 0.99)}


def recall(folder: Path, size: int) -> float:
    """Return how many of the ten nearest vectors a search by meaning finds."""
    shard, asking = Shard(folder), Texts(99).vectors(30)
    best: list[list[tuple[float, int]]] = [[] for _ in asking]
    for number, document in enumerate(points(size, BIG)):
        if number == 0:
            continue  # It was forgotten.
        near = asking @ np.array([point.dense for point in document]).T
        for place, row in enumerate(near):
            new = [(float(each), document[at].chunk_id.int) for at, each in enumerate(row)]
            best[place] = sorted(best[place] + new, reverse=True)[:10]
    found = shard.look_up([Lookup(row, 10) for row in asking])
    shard.close()
    shares = [
        len({each.chunk_id.int for each in mine} & {number for _, number in right}) / 10
        for mine, right in zip(found, best, strict=True)
    ]
    return sum(shares) / len(shares)


def many(folder: Path) -> dict[str, float]:
    """Return what fifty companies' shards cost that are all open, with a hundred passages each."""
    me, store = psutil.Process(), EdgeShards(folder)
    store.check()
    before, threads = me.memory_info().rss, me.num_threads()
    for company in range(1, COMPANIES + 1):
        for document in points(100, company):
            store.upsert(company, document)
    found = {
        "MB": (me.memory_info().rss - before) / 1e6,
        "threads": me.num_threads() - threads,
        "disk MB": sum(file.stat().st_blocks * 512 for file in folder.rglob("*")) / 1e6,
    }
    store.close()
    return found


def _apart(what: str) -> dict[str, float]:
    folder = tempfile.mkdtemp(prefix="vector-scale-")
    try:
        command = [sys.executable, "-m", "benchmarks.vector_scale", what, folder]
        ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found: dict[str, float] = json.loads(ended.stdout)
        return found
    finally:
        shutil.rmtree(folder)


def rows(size: int) -> list[Row]:
    """Return the rows of one size."""
    found = _apart(str(size))
    largest = size == SIZES[-1]

    def row(what: str, key: str, unit: str, goal: float = 0, besides: str = "") -> Row:
        met = found[key] <= goal if goal and largest else None
        aim = f"≤ {goal:g} {unit}" if goal and largest else ""
        return Row(f"{size:,}: {what}", f"{found[key]:.4g} {unit}", aim, met, besides)

    return [
        row("search, p50", "big p50", "ms", 15, "the question's encoding included"),
        row("search, p99", "big p99", "ms", 60),
        row("search, CPU", "big CPU", "ms"),
        row("search of a company with 2 % as many, p50", "small p50", "ms", 0, f"CPU {found['small CPU']:.2f} ms"),
        row("memory of the process", "MB", "MB", 1_000, f"{found['before MB']:.0f} MB before; the encoder is 80"),
        row("disk", "disk MB", "MB"),
        row("stored per CPU-second", "put per CPU-s", "passages", 0, "their words' weights included"),
        row(
            f"forgetting a document of {PASSAGES_PER_DOCUMENT}",
            "forget ms",
            "ms",
            0,
            f"{found['forget CPU ms']:.0f} ms of CPU",
        ),
        row("another thread's wait during searches, p99", "beside p99 ms", "ms"),
        row("opening the shard", "open ms", "ms"),
        Row(f"{size:,}: of the ten nearest vectors found", f"{found['recall']:.1%}"),
    ]


def main() -> Table:
    """Measure each size."""
    table = Table("Vectors in files as they grow")
    for size in SIZES:
        table.rows += rows(size)
    fifty = _apart("many")
    besides = f"{fifty['threads']:.0f} threads, {fifty['disk MB']:.0f} MB on disk"
    table.rows.append(Row(f"{COMPANIES} companies' shards open at once", f"{fifty['MB']:.0f} MB", besides=besides))
    return table


if __name__ == "__main__":
    if len(sys.argv) == 3:
        what, place = sys.argv[1:]
        print(json.dumps(many(Path(place)) if what == "many" else measure(int(what), Path(place))))
    else:
        main().show()
