"""A company's knowledge within this process: files through parser, chunker, encoder, vectors, retrieval and answerer.

These are the product's own parts, without HTTP, RabbitMQ and PostgreSQL; `_Rows` stands for the tables. Vectors of
texts are kept from run to run in `.venv/bench` (or BENCH_CACHE), because nothing else here takes minutes.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np
from model_kit.encoder import OnnxEncoder
from rag_service.adapters import answer_encoder
from rag_service.adapters.multilingual import MultilingualEncoder
from rag_service.adapters.parsing.chunking import StructuredChunker
from rag_service.adapters.parsing.limited import LimitedParser
from rag_service.adapters.vectors.edge import EdgeShards
from rag_service.domain.answering.editions.editions import with_newest
from rag_service.domain.answering.matches.named_passages import found_for
from rag_service.domain.answering.units.assessed_passage import AssessedPassage
from rag_service.domain.answering.units.unit_model import WEIGHTS, UnitModel
from rag_service.domain.document import Parsed, PassageKind, Unreadable
from rag_service.domain.languages import ENGLISH
from rag_service.domain.passage import Passage
from rag_service.store import chunks
from rag_service.store.chunks import StoredChunk
from rag_service.usecases.answer import Answerer
from rag_service.usecases.answer_options import Options
from rag_service.usecases.finding import Finder
from rag_service.usecases.ingest import FileVersion, Ingestor
from rag_service.usecases.readers import Readers
from rag_service.usecases.retrieve import Retriever

from benchmarks.probes.model import File

ROOT = Path(__file__).parents[1]
ENCODER = ROOT / ".venv" / "models" / "encoder"
KEPT = Path(os.environ.get("BENCH_CACHE", ROOT / ".venv" / "bench"))
COMPANY = 1
MIN_SCORE = 0.15
"""RAG_MIN_SCORE's default."""
KINDS = {
    "pdf": "pdf", "docx": "word", "xlsx": "excel", "xls": "excel", "ods": "excel", "csv": "csv", "tsv": "csv",
    "txt": "text", "html": "html", "htm": "html", "md": "markdown",
}  # fmt: skip
PARSERS_AT_ONCE = 2
MAX_ROW_VECTORS = 20_000
"""More than any of these tables needs."""
STORED_AT = datetime(2026, 11, 1, tzinfo=UTC)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Report = Callable[[str], None]


class KeptVectors:
    """An encoder; it embeds each text once, also over several runs."""

    def __init__(self, encoder: OnnxEncoder | MultilingualEncoder) -> None:
        self._encoder = encoder
        self.name = encoder.name
        self._path = KEPT / f"texts-{hashlib.sha256(encoder.name.encode()).hexdigest()[:12]}.npz"
        self._known: dict[str, Any] = {}
        self._new = 0
        if self._path.exists():
            with np.load(self._path) as kept:
                self._known = dict(zip(kept["keys"].tolist(), kept["rows"], strict=True))

    def embed(self, texts: Sequence[str]) -> Any:
        """Return a row of length 1 per text."""
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32] for text in texts]
        if new := {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}:
            self._known |= zip(new, self._encoder.embed(list(new.values())), strict=True)
            self._new += len(new)
        return np.array([self._known[key] for key in keys], np.float32).reshape(len(texts), self._encoder.dimensions)

    embed_all = embed

    def keep(self) -> None:
        """Write the vectors for the next run."""
        if not self._new:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._path.parent, suffix=".npz", delete=False) as part:
            np.savez(part, keys=np.array(list(self._known)), rows=np.array(list(self._known.values())))
        Path(part.name).replace(self._path)
        self._new = 0


class Encoders:
    """The English encoder, the one for other languages, and the answer encoder."""

    def __init__(self) -> None:
        """Raises NotReady without the English encoder's files."""
        encoder = OnnxEncoder(ENCODER)
        self.knows = encoder.knows
        self.english = KeptVectors(encoder)
        self.others = KeptVectors(MultilingualEncoder())
        self.answers = KeptVectors(OnnxEncoder(answer_encoder.FOLDER))
        self.score = answer_encoder.scores(self.answers.embed)

    def keep(self) -> None:
        """Write the vectors for the next run."""
        for each in (self.english, self.others, self.answers):
            each.keep()


class _Rows:
    """The tables `chunks` and `documents`, as far as ingestion and retrieval read them."""

    def __init__(self) -> None:
        self.stored: dict[UUID, tuple[StoredChunk, File]] = {}
        self.beginnings: dict[UUID, str] = {}
        self.saved: dict[UUID, str | None] = {}

    def execute_and_commit(self, _company_id: int, statement: Any, parameters: dict[str, Any]) -> list[Any]:
        """Return the rows of a statement."""
        if statement is chunks.READ_ROWS:
            of = [each for each in self.stored.values() if each[0].document_id == parameters["document"]]
            rows = [each for each in of if each[0].chunk.kind is PassageKind.ROWS][: parameters["most"]]
            return [self._row(*each, beginning="") for each in rows]
        if statement is not chunks.READ:
            return [SimpleNamespace(version=1, searchable_version=1)]
        ids = [UUID(each) for each in _UUID.findall(str(parameters["ids"]))]
        return [self._row(*self.stored[each]) for each in ids if each in self.stored]

    def _row(self, stored: StoredChunk, file: File, beginning: str | None = None) -> SimpleNamespace:
        chunk, document = stored.chunk, stored.document_id
        return SimpleNamespace(
            id=stored.id, document_id=document, name=file.name, kind=KINDS[file.extension], origin="file",
            ordinal=chunk.ordinal, title=chunk.title, heading=list(chunk.heading), place=chunk.locator,
            passage_kind=chunk.kind.value, text=chunk.text, updated_at=STORED_AT, saved=self.saved[document],
            beginning=self.beginnings[document] if beginning is None else beginning,
        )  # fmt: skip


class _Parsed:
    """The parser of files that are parsed already, two at once."""

    def __init__(self, files: Sequence[File], report: Report) -> None:
        parser = LimitedParser(at_once=PARSERS_AT_ONCE)

        def parse(file: File) -> Parsed | Unreadable:
            try:
                return parser.parse(file.data, KINDS[file.extension], file.name)
            except Unreadable as reason:
                return reason

        with ThreadPoolExecutor(PARSERS_AT_ONCE) as pool:
            self._found: dict[str, Parsed | Unreadable] = {}
            for number, (file, found) in enumerate(zip(files, pool.map(parse, files), strict=True), 1):
                self._found[file.name] = found
                if number % 25 == 0 or number == len(files):
                    report(f"{number} of {len(files)} files parsed")

    def parse(self, _data: bytes, _kind: str, name: str) -> Parsed:
        """Return what was parsed, or raise Unreadable."""
        found = self._found[name]
        if isinstance(found, Unreadable):
            raise found
        return found


@dataclass(frozen=True)
class Unread:
    """A file that could not be read."""

    name: str
    code: str
    reason: str


class Company:
    """The knowledge made of some files; close it after use."""

    def __init__(self, files: Sequence[File], encoders: Encoders, report: Report, weights: Path = WEIGHTS) -> None:
        """`weights`: the file of the models that answer."""
        encoder = encoders.english
        self.unread: list[Unread] = []
        self._folder = Path(tempfile.mkdtemp(prefix="company-"))
        self._vectors = EdgeShards(self._folder)
        self._rows = _Rows()
        database: Any = self._rows
        parser = _Parsed(files, report)
        ingestor = _ingestor(database, parser, encoder, self._vectors)
        for number, file in enumerate(files, 1):
            self._ingest(ingestor, file)
            if number % 50 == 0 or number == len(files):
                report(f"{number} of {len(files)} files embedded, {len(self._rows.stored):,} passages")
        self._options = options = Options(min_score=MIN_SCORE)
        self._retriever = Retriever(database, self._vectors, encoder.embed)
        retrieve = partial(self._retriever.retrieve, COMPANY)
        self._readers = Readers(encoder.embed, encoders.others.embed, weights, encoders.score)
        self._finder = Finder(retrieve, self._readers, options.retrieved, options.min_score)
        self.answerer = Answerer(
            retrieve,
            encoder.embed,
            options=options,
            knows=encoders.knows,
            rows_of=partial(self._retriever.rows_of, COMPANY),
            embed_others=encoders.others.embed,
            score=encoders.score,
            weights=weights,
        )

    def retrieved(self, question: str) -> list[Passage]:
        """Return the passages that a writer may use, best first."""
        return list(self.retrieved_all(question)[: self.used])

    def retrieved_all(self, question: str) -> Sequence[Passage]:
        """Return the passages from which those that an answer may use are chosen, best first."""
        return self._finder.found(question, fill=True)[0]

    def assessed(self, question: str, *, fill: bool = False) -> tuple[list[AssessedPassage], UnitModel]:
        """Return the assessed passages from which an extractive answer is made, and the model that assessed them.

        `fill`: as they are read where those above the least score did not answer.
        """
        passages, reader = self._finder.found(question, every=fill)
        if fill and reader is self._readers.english and self._readers.scoring:
            reader = self._readers.scoring
        return reader.assess(question, with_newest(passages, self.used)), reader.model

    def retrieved_alike(self, question: str) -> tuple[list[Passage], list[Passage], bool]:
        """Return the passages of one question by the English and by the multilingual reader, and whether that reads it.

        Whatever its language: what a reader is taught need not be in one that it reads.
        """
        retrieve = partial(self._retriever.retrieve, COMPANY)
        first = found_for(question, retrieve, self._options.retrieved, MIN_SCORE)
        reader = self._readers.of(question, first)
        others = self._finder.found_by(self._readers.others(reader.language), question)
        return list(first[: self.used]), list(others[: self.used]), reader.language != ENGLISH

    @property
    def used(self) -> int:
        """Return how many passages an answer may use."""
        return self._options.used

    def passages_of(self, name: str) -> Iterable[StoredChunk]:
        """Return all passages of a file."""
        return (stored for stored, file in self._rows.stored.values() if file.name == name)

    def text_of(self, chunk_id: UUID) -> str:
        """Return a passage's text."""
        return self._rows.stored[chunk_id][0].chunk.text if chunk_id in self._rows.stored else ""

    @property
    def passages(self) -> int:
        """Return how many there are."""
        return len(self._rows.stored)

    def close(self) -> None:
        """Remove the vectors."""
        self._vectors.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ingest(self, ingestor: Ingestor, file: File) -> None:
        version = FileVersion(COMPANY, uuid5(NAMESPACE_URL, file.name), 1, file.name, KINDS[file.extension], "file")
        result = ingestor.ingest(version, lambda: file.data)
        if result.failure:
            self.unread.append(Unread(file.name, result.failure.code, result.failure.reason))
        self._rows.saved[version.document] = result.report.get("read", {}).get("saved")
        for each in result.chunks:
            self._rows.stored[each.id] = each, file
            if not each.chunk.ordinal:
                self._rows.beginnings[each.document_id] = each.chunk.text[:400]


def _ingestor(database: Any, parser: _Parsed, encoder: KeptVectors, vectors: EdgeShards) -> Ingestor:
    """Return the service's ingestor. It gets its parts by their names, so that one more part there is one more here."""
    parts = {
        "database": database,
        "parser": parser,
        "small_parser": parser,
        "chunker": StructuredChunker(ENCODER),
        "encoder": lambda: encoder,
        "small_encoder": lambda: encoder,
        "vectors": vectors,
        "run_slices": lambda slices: (run() for run in slices),
        "most_rows": MAX_ROW_VECTORS,
    }
    return Ingestor(**{name: parts[name] for name in signature(Ingestor).parameters})
