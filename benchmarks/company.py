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
from rag_service.adapters.parsing.chunking import StructuredChunker
from rag_service.adapters.parsing.limited import LimitedParser
from rag_service.adapters.vectors.edge import EdgeShards
from rag_service.domain.answering.named_passages import found_for
from rag_service.domain.document import Parsed, PassageKind, Unreadable
from rag_service.domain.passage import Passage
from rag_service.store import chunks
from rag_service.store.chunks import StoredChunk
from rag_service.usecases.answer import Answerer, Options
from rag_service.usecases.ingest import FileVersion, Ingestor
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
    """The encoder; it embeds each text once, also over several runs."""

    def __init__(self, encoder: OnnxEncoder) -> None:
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

    def knows(self, word: str) -> bool:
        """Return whether the encoder's vocabulary has a word as a whole."""
        return self._encoder.knows(word)

    def keep(self) -> None:
        """Write the vectors for the next run."""
        if not self._new:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._path.parent, suffix=".npz", delete=False) as part:
            np.savez(part, keys=np.array(list(self._known)), rows=np.array(list(self._known.values())))
        Path(part.name).replace(self._path)
        self._new = 0


class _Rows:
    """The tables `chunks` and `documents`, as far as ingestion and retrieval read them."""

    def __init__(self) -> None:
        self.stored: dict[UUID, tuple[StoredChunk, File]] = {}
        self.beginnings: dict[UUID, str] = {}

    def execute_and_commit(self, _company_id: int, statement: Any, parameters: dict[str, Any]) -> list[Any]:
        """Return the rows of a statement."""
        if statement is chunks.READ_ROWS:
            of = [each for each in self.stored.values() if each[0].document_id == parameters["document"]]
            return [_row(*each, "") for each in of if each[0].chunk.kind is PassageKind.ROWS][: parameters["most"]]
        if statement is not chunks.READ:
            return [SimpleNamespace(version=1, searchable_version=1)]
        ids = [UUID(each) for each in _UUID.findall(str(parameters["ids"]))]
        return [_row(*self.stored[each], self.beginnings[self.stored[each][0].document_id]) for each in ids
                if each in self.stored]  # fmt: skip


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

    def __init__(self, files: Sequence[File], encoder: KeptVectors, report: Report) -> None:
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
        self.answerer = Answerer(
            partial(self._retriever.retrieve, COMPANY),
            encoder.embed,
            options=options,
            knows=encoder.knows,
            rows_of=partial(self._retriever.rows_of, COMPANY),
        )

    def retrieved(self, question: str) -> list[Passage]:
        """Return the passages that an answer may use, best first."""
        return list(self.retrieved_all(question)[: self.used])

    def retrieved_all(self, question: str) -> Sequence[Passage]:
        """Return the passages from which those that an answer may use are chosen, best first."""
        retrieve = partial(self._retriever.retrieve, COMPANY)
        return found_for(question, retrieve, self._options.retrieved, MIN_SCORE)

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
        "vectors": vectors,
        "run_slices": lambda slices: (run() for run in slices),
        "most_rows": MAX_ROW_VECTORS,
    }
    return Ingestor(**{name: parts[name] for name in signature(Ingestor).parameters})


def _row(stored: StoredChunk, file: File, beginning: str) -> SimpleNamespace:
    chunk = stored.chunk
    return SimpleNamespace(
        id=stored.id, document_id=stored.document_id, name=file.name, kind=KINDS[file.extension], origin="file",
        ordinal=chunk.ordinal, title=chunk.title, heading=list(chunk.heading), place=chunk.locator,
        passage_kind=chunk.kind.value, text=chunk.text, updated_at=STORED_AT, beginning=beginning,
    )  # fmt: skip
