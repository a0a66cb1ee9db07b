"""Are the right passages found? `python -m benchmarks.retrieval`

Documents are read and cut as the service does it, each as a Markdown file without a name that says anything, and a
document is as good as its best passage. By words alone, by meaning alone (plain vectors, compared exactly), and by both
as the service does it, each through the embedded store.
The texts are in the folder that BENCH_DATA names; without it nothing is measured. Vectors are kept from run to run.
"""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
from model_kit.encoder import OnnxEncoder
from model_kit.provision import ProvisioningFailed, provision
from rag_service.adapters.parsing.child import read
from rag_service.adapters.parsing.chunking import StructuredChunker
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.vectors.bm25 import query_terms
from rag_service.adapters.vectors.edge import EdgeShards
from rag_service.domain.document import Chunk
from rag_service.domain.languages import ENGLISH, language_of
from rag_service.domain.passage import Passage
from rag_service.domain.ranking_metrics import ndcg, recall, reciprocal_rank
from rag_service.domain.selection import diversify
from rag_service.ports import Point, Query
from rag_service.usecases.context import in_context
from rag_service.usecases.retrieve import EXTRA_CANDIDATES

from benchmarks.labelled import NoData
from benchmarks.report import Row, Table
from benchmarks.retrieval_left_out import Asked, Measured, measured
from benchmarks.retrieval_left_out import rows as left_out
from benchmarks.retrieval_sets import SETS, Document, RetrievalSet

ENCODER = Path(__file__).parents[1] / ".venv" / "models" / "encoder"
KEPT = Path(__file__).parents[1] / ".venv" / "bench" / "retrieval"
PLACES, CHUNKS = 10, 50
COMPANY = 1
WORST = 0.01
DRAWS = 2_000
BAND = 0.1
MEASURES = (ndcg, recall, reciprocal_rank)
EVENT_SPELLINGS = ("nDCG@10", "recall@10", "MRR@10")
GOALS = {"mtrag_cloud_3k": (0.51, 0.64, 0.0), "anthropic_docs": (0.0, 0.89, 0.87)}

Order = list[str]


class Library:
    """A set's documents, cut, embedded and stored."""

    def __init__(self, chosen: RetrievalSet, folder: Path) -> None:
        self.chosen = chosen
        self._texts: list[str] = []
        self._owners: list[int] = []
        chunker = StructuredChunker(ENCODER)
        for owner, document in enumerate(chosen.documents):
            for chunk in _cut(document, f"doc{owner:05}", chunker):
                self._texts.append(chunk.searched)
                self._owners.append(owner)
        self._plain = _embedded(self._texts)
        self._search_queries = dict(zip(chosen.questions, _embedded(list(chosen.questions.values())), strict=True))
        self._store = EdgeShards(folder)
        self._fill()

    def close(self) -> None:
        """Give the files back."""
        self._store.close()

    @property
    def chunks(self) -> int:
        """Return how many there are."""
        return len(self._texts)

    def by_words(self, question: str) -> Order:
        """Return the documents by BM25."""
        return self._found(Query(self.chosen.questions[question], None, CHUNKS))[0]

    def by_meaning(self, question: str) -> Order:
        """Return the documents by their chunks' cosine."""
        return self._order(np.argsort(-(self._plain @ self._search_queries[question]))[:CHUNKS])

    def by_both(self, question: str, top_k: int = CHUNKS) -> Order:
        """Return the documents as the service orders them, asked for so many passages."""
        return self.scored(question, top_k)[0]

    def scored(self, question: str, top_k: int = CHUNKS) -> tuple[Order, list[float]]:
        """Return the same with the score of each one's best chunk."""
        return self._found(
            Query(self.chosen.questions[question], self._search_queries[question], top_k + EXTRA_CANDIDATES), top_k
        )

    def asked(self, question: str) -> Asked:
        """Return a question with its candidates' figures."""
        text = self.chosen.questions[question]
        hits = self._store.candidates(COMPANY, Query(text, self._search_queries[question], CHUNKS + EXTRA_CANDIDATES))
        forms = query_terms(text)
        return Asked(
            self.chosen.judged[question],
            [self.chosen.documents[hit.document_id.int - 1].name for hit in hits],
            np.clip(np.array([hit.cosine or 0.0 for hit in hits]), 0.0, 1.0),
            np.array([hit.share or 0.0 for hit in hits]),
            np.array([hit.score for hit in hits]),
            len(forms[0].required) if forms else 0,
            by_length=language_of(text) in (None, ENGLISH) and not (forms and forms[0].identifiers),
        )

    def _fill(self) -> None:
        owners = np.array(self._owners)
        for owner in range(len(self.chosen.documents)):
            [places] = np.nonzero(owners == owner)
            vectors = in_context(self._plain[places])
            self._store.upsert(
                COMPANY,
                [
                    Point(UUID(int=int(place) + 1), UUID(int=owner + 1), 1, row, self._texts[place])
                    for place, row in zip(places, vectors, strict=True)
                ],
            )

    def _found(self, question: Query, top_k: int = CHUNKS) -> tuple[Order, list[float]]:
        best: dict[str, float] = {}
        hits = self._store.search(COMPANY, question)
        owners = [UUID(int=self._owners[hit.chunk_id.int - 1] + 1) for hit in hits]
        passages = [
            Passage(hit.chunk_id, owner, "", "", (), "", "", hit.score) for hit, owner in zip(hits, owners, strict=True)
        ]
        for passage in diversify(passages, top_k):
            best.setdefault(self.chosen.documents[passage.document_id.int - 1].name, passage.score)
        return list(best), list(best.values())

    def _order(self, places: Sequence[int] | np.ndarray) -> Order:
        return list(dict.fromkeys(self.chosen.documents[self._owners[place]].name for place in places))


def figures(orders: dict[str, Order], judged: dict[str, dict[str, float]]) -> np.ndarray:
    """Return a row of the three measures per question."""
    return np.array([[each(order, judged[name], PLACES) for each in MEASURES] for name, order in orders.items()])


def interval(differences: np.ndarray) -> tuple[float, float]:
    """Return what 95 % of the means of resampled differences lie between."""
    random = np.random.default_rng(0)
    means = [random.choice(differences, len(differences)).mean() for _ in range(DRAWS)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def rows(name: str, library: Library) -> list[Row]:
    """Return one set's rows."""
    judged, asked = library.chosen.judged, library.chosen.questions
    words = figures({each: library.by_words(each) for each in asked}, judged)
    meaning = figures({each: library.by_meaning(each) for each in asked}, judged)
    both = figures({each: library.by_both(each) for each in asked}, judged)
    ten = figures({each: library.by_both(each, PLACES) for each in asked}, judged)
    better = max(words, meaning, key=lambda each: float(each[:, 0].mean()))
    difference = both[:, 0] - better[:, 0]
    low, high = interval(difference)
    size = f"{len(asked)} questions, {len(library.chosen.documents):,} documents, {library.chunks:,} chunks"
    found = [Row(f"{name}: {how}", _three(each), besides=size) for how, each in (("BM25", words), ("dense", meaning))]
    goals = GOALS.get(name, (0.0, 0.0, 0.0))
    met = all(value >= goal for value, goal in zip(both.mean(0), goals, strict=True)) if any(goals) else None
    aims = " / ".join(f"{goal:.2f}" if goal else "–" for goal in goals) if any(goals) else ""
    found.append(Row(f"{name}: ours", _three(both), aims, met, f"{' / '.join(EVENT_SPELLINGS)}"))
    found.append(Row(f"{name}: ours, ten passages asked for", _three(ten), besides=f"all others: {CHUNKS}"))
    found.append(
        Row(
            f"{name}: ours less the better of the two, nDCG@10", f"{difference.mean():+.3f}", f"≥ −{WORST}",
            bool(difference.mean() >= -WORST), f"95 %: {low:+.3f} to {high:+.3f}",
        )
    )  # fmt: skip
    return [*found, bands(name, library)]


def bands(name: str, library: Library) -> Row:
    """Return how many of the best three documents are right, by their score: what a threshold means."""
    right: dict[int, list[bool]] = {}
    for question in library.chosen.questions:
        order, scores = library.scored(question)
        for document, score in list(zip(order, scores, strict=True))[:3]:
            right.setdefault(int(score / BAND), []).append(library.chosen.judged[question].get(document, 0) > 0)
    bands = [f"{band * BAND:.1f}: {np.mean(hits):.0%} of {len(hits)}" for band, hits in sorted(right.items())]
    return Row(f"{name}: right among the best three, by score", "", besides=", ".join(bands))


def _three(each: np.ndarray) -> str:
    return " / ".join(f"{value:.3f}" for value in each.mean(0))


def _cut(document: Document, name: str, chunker: StructuredChunker) -> list[Chunk]:
    heading = f"# {document.title}\n\n" if document.title else ""
    parsed = read((heading + document.text).encode("utf-8", "replace"), "markdown", Limits())
    return chunker.chunks(parsed if parsed.title else replace(parsed, title=name))


def _embedded(texts: list[str]) -> np.ndarray:
    """Return the texts' vectors, from the last run where nothing changed."""
    encoder = OnnxEncoder(ENCODER)
    key = hashlib.sha256("\0".join([encoder.name, *texts]).encode("utf-8", "replace")).hexdigest()[:24]
    kept = KEPT / f"{key}.npy"
    if kept.exists():
        return np.asarray(np.load(kept))
    print(f"embedding {len(texts):,} texts, some 40 ms each", file=sys.stderr)
    vectors = encoder.embed(texts)
    KEPT.mkdir(parents=True, exist_ok=True)
    np.save(kept, vectors)
    return vectors


def main() -> Table:
    """Measure every set that is there."""
    table = Table("Finding the right documents: nDCG@10 / recall@10 / MRR@10")
    sets: dict[str, Measured] = {}
    try:
        provision(ENCODER, "package", install=False, report=lambda text: print(text, file=sys.stderr))
        for name, read in SETS.items():
            folder = Path(tempfile.mkdtemp(prefix="retrieval-"))
            try:
                library = Library(read(), folder)
                table.rows += rows(name, library)
                sets[name] = measured([library.asked(each) for each in library.chosen.questions])
                library.close()
            finally:
                shutil.rmtree(folder)
        table.rows += left_out(sets)
    except (NoData, ProvisioningFailed) as reason:
        table.rows.append(Row("skipped", "not measured", besides=str(reason).splitlines()[0]))
    return table


if __name__ == "__main__":
    main().show()
