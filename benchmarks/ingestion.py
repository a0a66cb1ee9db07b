"""What does it cost until a file's passages have vectors? `python -m benchmarks.ingestion`

The texts are in the folder that BENCH_DATA names (anthropic_docs, mtrag_cloud_3k), put together to documents; without
it nothing is measured. CPU time is that of this process and of those that parse, all on one core at a time.
`benchmarks/large_files.py` has the sheet of 100,000 rows, and small files meanwhile; `benchmarks/pdf_reading.py` PDFs.
"""

import io
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from textwrap import wrap
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from model_kit.encoder import Encoder, OnnxEncoder
from model_kit.provision import ProvisioningFailed, provision
from rag_service.adapters.parsing.chunking import StructuredChunker
from rag_service.adapters.parsing.limited import LimitedParser
from threadpoolctl import threadpool_limits

from benchmarks.labelled import NoData
from benchmarks.report import Row, Table
from benchmarks.triage import ENCODER

CHUNKS_PER_CPU_SECOND = 20
PDF_SECONDS = 5
PDF_PAGES, LINES_PER_PAGE, LETTERS_PER_LINE = 20, 50, 90
TEXTS_PER_FILE = 40
FILES = 20
TIMES = 5


@dataclass(frozen=True)
class File:
    """A document to ingest."""

    name: str
    kind: str
    data: bytes


@dataclass
class Spent:
    """CPU seconds by step, and what came of them."""

    parsing: float = 0.0
    cutting: float = 0.0
    embedding: float = 0.0
    chunks: int = 0
    letters: int = 0

    @property
    def seconds(self) -> float:
        """Return all of them."""
        return self.parsing + self.cutting + self.embedding


def texts(name: str) -> list[dict[str, str]]:
    """Return the texts of a set. Raises NoData."""
    folder = os.environ.get("BENCH_DATA", "")
    if not folder:
        raise NoData("BENCH_DATA names no folder with anthropic_docs and mtrag_cloud_3k")
    try:
        lines = (Path(folder) / name / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise NoData(f"{Path(folder) / name}: {error.strerror}") from None
    return [json.loads(line) for line in lines]


def manual() -> Iterator[File]:
    """Yield a Markdown file per page of a manual, its parts as sections."""
    pages: defaultdict[str, list[str]] = defaultdict(list)
    for each in texts("anthropic_docs"):
        pages[each["id"].partition("#")[0]].append(f"## {each['title']}\n\n{each['text']}")
    for address, parts in pages.items():
        name = address.rsplit("/", 1)[-1]
        yield File(f"{name}.md", "markdown", "\n\n".join([f"# {name}", *parts]).encode())


def cloud() -> Iterator[File]:
    """Yield text files of many passages each."""
    passages = iter(texts("mtrag_cloud_3k"))
    for number in range(FILES):
        if part := list(islice(passages, TEXTS_PER_FILE)):
            yield File(f"cloud {number}.txt", "text", "\n\n".join(each["text"] for each in part).encode())


def printed() -> File:
    """Return a PDF of twenty full pages."""
    lines = [line for each in texts("mtrag_cloud_3k") for line in wrap(each["text"], LETTERS_PER_LINE)]
    document = pypdfium2.PdfDocument.new()
    for number in range(PDF_PAGES):
        page = document.new_page(612, 792)
        for at, line in enumerate(lines[number * LINES_PER_PAGE : (number + 1) * LINES_PER_PAGE]):
            _write(document, page, line, 740 - 14 * at)
        page.gen_content()
    out = io.BytesIO()
    document.save(out)
    return File("manual.pdf", "pdf", out.getvalue())


def _write(document: Any, page: Any, line: str, height: float) -> None:
    found = pdfium.FPDFPageObj_NewTextObj(document.raw, b"Helvetica", 10)
    wide = (line + "\0").encode("utf-16-le")
    pdfium.FPDFText_SetText(found, (pdfium.FPDF_WCHAR * (len(wide) // 2)).from_buffer_copy(wide))
    pdfium.FPDFPageObj_Transform(found, 1, 0, 0, 1, 50, height)
    pdfium.FPDFPage_InsertObject(page.raw, found)


def cpu() -> float:
    """Return the CPU seconds of this process and of its children that ended."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


@dataclass(frozen=True)
class Road:
    """What a file goes through."""

    parser: LimitedParser
    chunker: StructuredChunker
    encoder: Encoder


def ingest(file: File, road: Road, spent: Spent) -> None:
    """Take a file all the way to its vectors, as the worker does but for storing them."""
    began = cpu()
    parsed = road.parser.parse(file.data, file.kind, file.name)
    read = cpu()
    chunks = road.chunker.chunks(parsed)
    cut = cpu()
    road.encoder.embed([each.searched for each in chunks])
    spent.parsing += read - began
    spent.cutting += cut - read
    spent.embedding += cpu() - cut
    spent.chunks += len(chunks)
    spent.letters += sum(len(each.searched) for each in chunks)


def rate(what: str, files: list[File], road: Road) -> Row:
    """Ingest files and tell how many passages came of a CPU second."""
    spent = Spent()
    for file in files:
        ingest(file, road, spent)
    found = spent.chunks / spent.seconds
    each = 1e3 / spent.chunks
    return Row(
        what,
        f"{found:.1f} chunks/CPU-s",
        f"≥ {CHUNKS_PER_CPU_SECOND}",
        found >= CHUNKS_PER_CPU_SECOND,
        f"{len(files)} files, {spent.chunks:,} chunks of {spent.letters / spent.chunks:.0f} letters; each "
        f"{spent.parsing * each:.1f} ms parsing, {spent.cutting * each:.1f} cutting, "
        f"{spent.embedding * each:.1f} vectors",
    )


def whole_pdf(road: Road) -> Row:
    """Tell how long twenty pages take, one after the other."""
    file, took, spent = printed(), [], Spent()
    for _ in range(TIMES):
        began = time.monotonic()
        ingest(file, road, spent)
        took.append(time.monotonic() - began)
    return Row(
        f"a PDF of {PDF_PAGES} full pages, to its vectors",
        f"{median(took):.2f} s",
        f"≤ {PDF_SECONDS} s",
        median(took) <= PDF_SECONDS,
        f"{spent.seconds / TIMES:.2f} CPU-s, {spent.parsing / TIMES:.2f} parsing; {spent.chunks // TIMES} chunks; "
        f"slowest of {TIMES}: {max(took):.2f} s",
    )


def main() -> Table:
    """Measure what a passage costs."""
    table = Table("Files to passages with vectors, one core")
    try:
        provision(ENCODER, "package", install=False, report=lambda text: print(text, file=sys.stderr))
        sets = {"Markdown (anthropic_docs)": list(manual()), "text (mtrag_cloud_3k)": list(cloud())}
    except (NoData, ProvisioningFailed) as reason:
        table.rows.append(Row("skipped", "not measured", besides=str(reason).splitlines()[0]))
        return table
    road = Road(LimitedParser(), StructuredChunker(ENCODER), OnnxEncoder(ENCODER))
    with threadpool_limits(1):
        table.rows += [rate(what, files, road) for what, files in sets.items()]
        table.rows.append(whole_pdf(road))
    return table


if __name__ == "__main__":
    main().show()
