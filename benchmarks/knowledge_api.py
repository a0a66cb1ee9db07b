"""What does a question cost through the service with 100,000 passages? `python -m benchmarks.knowledge_api`

rag-service as a process of its own, its vectors embedded, its passages in PostgreSQL; made-up passages as in
`vector_scale`. Also: how long until a 20-page PDF can be searched, through the gateway.
"""

import io
import shutil
import signal
import time
from uuid import UUID

import requests
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from rag_service.adapters.vectors.edge import EdgeShards
from rag_service.domain.document import Chunk, FileVersion
from rag_service.store import chunks, documents
from rag_service.store.chunks import StoredChunk
from service_kit.database.engine import Database

from benchmarks.machine import percentile, pss_mb
from benchmarks.report import Row, Table
from benchmarks.vector_scale import ENCODER, WORDS_PER_QUESTION, Texts, points
from tests.stack import Stack, eventually

SIZE, COMPANY = 100_000, 1
P50_MS, P99_MS, MEMORY_MB, PDF_SECONDS = 15, 60, 1_024, 5
WARM, QUESTIONS, UPLOADS, PAGES, LINES = 30, 500, 5, 20, 45


def main() -> Table:
    """Measure and return the table."""
    table = Table("Knowledge through the service")
    with Stack(of={"rag-service": {"MODELS_DIR": str(ENCODER.parent)}}) as stack:
        table.rows += searchable(stack)
        stack.signal("rag-service", signal.SIGTERM)
        stack.processes["rag-service"].wait(60)
        fill(stack)
        stack.launch("rag-service")
        stack.wait_healthy()
        table.rows += asked(stack)
    return table


def searchable(stack: Stack) -> list[Row]:
    """Upload PDFs of twenty pages and wait until each can be searched."""
    took = []
    for number in range(UPLOADS):
        files = {"file": (f"manual{number}.pdf", pdf(number))}
        began = time.monotonic()
        item = requests.post(f"{stack.url}/api/files", files=files, timeout=60).json()["item"]

        def state(file: str = item["id"]) -> str:
            answer = requests.get(f"{stack.url}/api/documents/{file}", timeout=10)
            return str(answer.json()["state"]) if answer.status_code == 200 else ""

        eventually(state, lambda found: found in ("ready", "failed"))
        took.append(time.monotonic() - began)
    took.sort()
    details = f"of {UPLOADS}: {', '.join(f'{each:.1f}' for each in took)}"
    middle = took[len(took) // 2]
    return [Row("20 pages searchable after", f"{middle:.1f} s", f"≤ {PDF_SECONDS} s", middle <= PDF_SECONDS, details)]


def pdf(seed: int) -> bytes:
    """Return a PDF of twenty full pages."""
    texts, made = Texts(seed), io.BytesIO()
    with PdfPages(made) as pages:
        for number in range(PAGES):
            figure = Figure(figsize=(8.27, 11.69))
            lines = [f"Chapter {number + 1}", *(texts.text(9) for _ in range(LINES))]
            for place, line in enumerate(lines):
                figure.text(0.06, 0.96 - place * 0.02, line, fontsize=14 if place == 0 else 8)
            pages.savefig(figure)
    return made.getvalue()


def fill(stack: Stack) -> None:
    """Put the passages where the service, which is stopped, will find them."""
    folder = stack.folder / "vectors"
    shutil.rmtree(folder, ignore_errors=True)
    store = EdgeShards(folder)
    where = stack.environment("rag-service")
    role = f"{where['DB_ROLE_PREFIX']}_rag_app"
    url = f"postgresql://{role}:{where['DB_PASSWORD']}@{where['DB_HOST']}:{where['DB_PORT']}/{where['DB_NAME']}"
    database = Database(url, schema="rag")
    for part in points(SIZE, COMPANY):
        document: UUID = part[0].document_id
        store.upsert(COMPANY, part)
        with database.session(COMPANY) as session, session.begin():
            version = FileVersion(COMPANY, document, 1, f"made up {document}.md", "markdown", "file")
            documents.store_readable(session, version, pages=None, chunks=len(part), report={})
            stored = [
                StoredChunk(point.chunk_id, document, 1, Chunk(place, point.searched, "made up", (), ""), None, None)
                for place, point in enumerate(part)
            ]
            chunks.replace(session, COMPANY, document, stored)
    store.close()
    database.dispose()


def asked(stack: Stack) -> list[Row]:
    """Ask one question after the other; weigh the service."""
    texts, took = Texts(99), []
    session = requests.Session()
    for number in range(WARM + QUESTIONS):
        body = {"query": texts.text(WORDS_PER_QUESTION), "top_k": 6}
        began = time.perf_counter()
        answer = session.post(f"{stack.url}/rag/retrieve", json=body, timeout=10)
        if number >= WARM:
            took.append(1e3 * (time.perf_counter() - began))
        assert answer.status_code == 200, answer.text
        assert answer.json()["items"]
    weight = pss_mb(stack.tree("rag-service"))
    p50, p99 = percentile(took, 0.5), percentile(took, 0.99)
    besides = f"{QUESTIONS} different questions through the gateway, one after the other, {SIZE:,} passages"
    return [
        Row("POST /rag/retrieve, p50", f"{p50:.1f} ms", f"≤ {P50_MS} ms", p50 <= P50_MS, besides),
        Row("POST /rag/retrieve, p99", f"{p99:.1f} ms", f"≤ {P99_MS} ms", p99 <= P99_MS),
        Row("memory of rag-service (PSS)", f"{weight:.0f} MB", f"≤ {MEMORY_MB} MB", weight <= MEMORY_MB),
    ]


if __name__ == "__main__":
    main().show()
