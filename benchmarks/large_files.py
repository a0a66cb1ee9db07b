"""How long does a sheet of 100,000 rows take, and a file of three lines meanwhile? `python -m benchmarks.large_files`

All services as processes, uploads and questions through the gateway. The sheet is made up: eight columns, numbers as
people number parts. While it is read, three-line files are uploaded one after the other.
"""

import io
import random
import time
from dataclasses import dataclass, field
from typing import Any

import requests
import xlsxwriter

from benchmarks.machine import pss_mb
from benchmarks.report import Row, Table
from benchmarks.vector_scale import ENCODER
from tests.stack import Stack

ROWS, SECONDS_PER_4_MB, SMALL_SECONDS, MEMORY_MB = 100_000, 120, 5, 1_024
MIB, NORMAL_MB = 1024 * 1024, 4
PAUSE_SECONDS, MOST_SECONDS = 4.0, 900
QUESTIONS = 20
NAMES = ("valve", "pump", "gasket", "bracket", "hinge", "sensor", "cable", "relay", "filter", "bearing")
HEAD = ("SKU", "Item", "Supplier", "Price EUR", "Stock", "Warehouse", "Shelf", "Since")
ASKED = ("What does {} cost?", "In which warehouse is {}?", "Wie viele {} sind auf Lager?", "{}")


def sku(number: int) -> str:
    """Return the number of a row's part."""
    return f"QF-{number * 3 + 100_000}"


def sheet(rows: int) -> bytes:
    """Return a workbook of one sheet with so many rows."""
    made, choose = io.BytesIO(), random.Random(5)
    with xlsxwriter.Workbook(made, {"constant_memory": True}) as book:
        page = book.add_worksheet("Stock")
        page.write_row(0, 0, HEAD)
        for number in range(rows):
            item = f"{choose.choice(NAMES)} {choose.choice('ABCDE')}{choose.randint(1, 99)}"
            supplier = f"{choose.choice(('Meyer', 'Olsen', 'Rossi', 'Dupont'))} GmbH"
            since = f"20{choose.randint(10, 25)}-0{choose.randint(1, 9)}-1{choose.randint(0, 9)}"
            shelf = f"{choose.randint(1, 60)}-{choose.randint(1, 30)}"
            where = choose.choice(("Graz", "Lyon", "Turku"))
            cells = (sku(number), item, supplier, choose.randint(1, 9_999) / 10, choose.randint(0, 900), where, shelf)
            page.write_row(number + 1, 0, (*cells, since))
    return made.getvalue()


@dataclass
class Meanwhile:
    """What happened while the sheet was read."""

    small: list[float] = field(default_factory=list)
    """Seconds until each three-line file was found."""
    memory_mb: float = 0.0
    progress: set[int] = field(default_factory=set)


def upload(stack: Stack, name: str, data: bytes) -> str:
    """Upload a file; return its id."""
    answer = requests.post(f"{stack.url}/api/files", files={"file": (name, data)}, timeout=120)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["item"]["id"])


def found(stack: Stack, query: str) -> list[Any]:
    """Return the passages found for a question."""
    answer = requests.post(f"{stack.url}/rag/retrieve", json={"query": query, "top_k": 3}, timeout=30)
    return list(answer.json()["items"]) if answer.status_code == 200 else []


def small_file(stack: Stack, number: int) -> float:
    """Upload a file of three lines; return the seconds until it is found."""
    began = time.monotonic()
    file = upload(
        stack,
        f"note {number}.md",
        f"# Key {number}\n\nThe key of locker {number}\nhangs beside door {number}.\n".encode(),
    )
    while not any(item["source_id"] == file for item in found(stack, f"Where hangs the key of locker {number}?")):
        if time.monotonic() - began > MOST_SECONDS:
            break
        time.sleep(0.05)
    return time.monotonic() - began


def cpu(stack: Stack) -> float:
    """Return the CPU seconds of rag-service with its parsers."""
    return sum(
        sum((times := process.cpu_times())[:2]) + times.children_user + times.children_system
        for process in stack.tree("rag-service")
    )


def read(stack: Stack, file: str) -> tuple[dict[str, Any], Meanwhile]:
    """Wait until a document is read, and upload small files meanwhile; return it and what happened."""
    meanwhile, began, number = Meanwhile(), time.monotonic(), 0
    pause_ends = began
    while True:
        answer = requests.get(f"{stack.url}/api/documents/{file}", timeout=30)
        document: dict[str, Any] = answer.json() if answer.status_code == 200 else {"state": ""}
        if document["state"] in ("ready", "failed") or time.monotonic() - began > MOST_SECONDS:
            return document, meanwhile
        meanwhile.memory_mb = max(meanwhile.memory_mb, pss_mb(stack.tree("rag-service")))
        meanwhile.progress.add(document.get("chunks_processed", 0))
        if time.monotonic() > pause_ends:
            number += 1
            meanwhile.small.append(small_file(stack, number))
            pause_ends = time.monotonic() + PAUSE_SECONDS
        time.sleep(0.3)


def main() -> Table:
    """Measure and return the table."""
    table = Table("A sheet of 100,000 rows, and small files meanwhile")
    data = sheet(ROWS)
    with Stack(of={"rag-service": {"MODELS_DIR": str(ENCODER.parent)}}) as stack:
        small_file(stack, 0)
        before, began = cpu(stack), time.monotonic()
        document, meanwhile = read(stack, upload(stack, "stock.xlsx", data))
        took, spent = time.monotonic() - began, cpu(stack) - before
        assert document["state"] == "ready", document
        right = sum(
            any(
                f"{sku(number)};" in item["text"]
                for item in found(stack, ASKED[at % len(ASKED)].format(sku(number)))[:1]
            )
            for at, number in enumerate(random.Random(3).sample(range(ROWS), QUESTIONS))
        )
    per_4_mb = took * NORMAL_MB * MIB / len(data)
    slowest = max(meanwhile.small)
    counts = document["report"]["read"]
    table.rows += [
        Row(
            f"{counts['rows']:,} rows searchable after, per 4 MB",
            f"{per_4_mb:.0f} s",
            f"≤ {SECONDS_PER_4_MB} s",
            per_4_mb <= SECONDS_PER_4_MB,
            f"{len(data) / MIB:.1f} MB in {took:.0f} s, {spent:.0f} CPU-s of rag-service and its parsers, "
            f"{counts['passages']:,} passages; the progress moved {len(meanwhile.progress)} times",
        ),
        Row(
            "three lines searchable meanwhile, slowest",
            f"{slowest:.1f} s",
            f"≤ {SMALL_SECONDS} s",
            slowest <= SMALL_SECONDS,
            f"of {len(meanwhile.small)}: {', '.join(f'{each:.1f}' for each in meanwhile.small)}",
        ),
        Row("rows found first by their number", f"{right} of {QUESTIONS}", f"{QUESTIONS}", right == QUESTIONS),
        Row(
            "memory of rag-service meanwhile (PSS)",
            f"{meanwhile.memory_mb:.0f} MB",
            f"≤ {MEMORY_MB} MB",
            meanwhile.memory_mb <= MEMORY_MB,
            "with its parsers",
        ),
    ]
    return table


if __name__ == "__main__":
    main().show()
