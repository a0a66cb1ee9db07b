"""How long does a PDF take to be read? `python -m benchmarks.pdf_reading [PAGES]`

Made-up files of one kind each: prose, a table without rules, the same table with rules. CPU time is that of this
process, the least of several readings; a megabyte of text is a million characters on the pages. Every row must be read.
"""

import random
import sys
import time
from collections.abc import Callable

import pypdfium2
from rag_service.adapters.parsing import pdf
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import Parsed, PassageKind

from benchmarks.probes.pdf_writer import Pdf
from benchmarks.report import Row, Table

PAGES, TIMES = 250, 5
SECONDS_PER_MB = 4.0
MILLION = 1_000_000
LINES, WORDS_PER_LINE, STEP = 45, 13, 15
ROWS, HEIGHT, TOP = 30, 22, 740
LEFTS = (50, 130, 290, 400, 480)
RULES = (45, 125, 285, 395, 475, 560)
HEAD = ("SKU", "Item", "Supplier", "Price EUR", "Stock")
WORDS = (
    "valve", "pump", "gasket", "bracket", "hinge", "sensor", "cable", "relay", "filter", "bearing", "seal", "spring",
    "washer",
)  # fmt: skip


def prose(pages: int) -> bytes:
    """Return a PDF of text in one column."""
    choose, made = random.Random(2), Pdf()
    for _ in range(pages):
        made.page()
        for line in range(LINES):
            made.text(60, 760 - STEP * line, " ".join(choose.choices(WORDS, k=WORDS_PER_LINE)), 10)
    return made.file("prose").data


def unruled(pages: int) -> bytes:
    """Return a PDF of a table whose columns are parted by gaps alone."""
    return _table(pages, ruled=False)


def ruled(pages: int) -> bytes:
    """Return the same table with a rule on each side of each cell."""
    return _table(pages, ruled=True)


def _table(pages: int, *, ruled: bool) -> bytes:
    choose, made, number = random.Random(1), Pdf(), 100_000
    for _ in range(pages):
        made.page()
        made.text(50, 815, "Spare parts and prices", 10)
        rows = [HEAD]
        for _ in range(ROWS):
            number += 3
            item = f"{choose.choice(WORDS)} {choose.choice(WORDS)} {choose.choice('ABCDE')}{choose.randint(1, 99)}"
            supplier = f"{choose.choice(('Meyer', 'Olsen', 'Rossi'))} GmbH"
            price = f"{choose.randint(1, 9_999) / 10:.2f}"
            rows.append((f"QF-{number}", item, supplier, price, str(choose.randint(0, 900))))
        for at, cells in enumerate(rows):
            for left, cell in zip(LEFTS, cells, strict=True):
                made.text(left, TOP - HEIGHT * at, cell, 9)
        if ruled:
            top, bottom = TOP + 12, TOP + 12 - HEIGHT * len(rows)
            for at in range(len(rows) + 1):
                made.line(RULES[0], top - HEIGHT * at, RULES[-1], top - HEIGHT * at)
            for at in RULES:
                made.line(at, top, at, bottom)
    return made.file("table").data


def characters(data: bytes) -> int:
    """Return how many characters stand on a PDF's pages."""
    with pypdfium2.PdfDocument(data) as document:
        return sum(document[at].get_textpage().count_chars() for at in range(len(document)))


def fastest(data: bytes) -> tuple[float, Parsed]:
    """Read a PDF several times; return the least CPU seconds, and what was read."""
    least, parsed = float("inf"), None
    for _ in range(TIMES):
        began = time.process_time()
        parsed = pdf.read(data, Limits()).parsed()
        least = min(least, time.process_time() - began)
    assert parsed is not None
    return least, parsed


def main(pages: int = PAGES) -> Table:
    """Read a file of each kind and return the table."""
    table = Table(f"Reading a PDF of {pages:,} pages, CPU seconds per MB of text")
    kinds: dict[str, Callable[[int], bytes]] = {
        "prose": prose,
        f"tables without rules, {ROWS} rows of {len(HEAD)} cells": unruled,
        "the same tables with rules": ruled,
    }
    for name, make in kinds.items():
        data = make(pages)
        seconds, parsed = fastest(data)
        size = characters(data)
        rows = sum(len(each.text.split("\n")) for each in parsed.sections if each.kind is PassageKind.ROWS)
        assert rows == (0 if make is prose else pages * ROWS), (name, rows)
        per_mb = seconds * MILLION / size
        table.rows.append(
            Row(
                name,
                f"{per_mb:.1f} s",
                f"≤ {SECONDS_PER_MB:g} s",
                per_mb <= SECONDS_PER_MB,
                f"{size:,} characters in {seconds:.2f} s, the least of {TIMES}; {rows:,} rows",
            )
        )
    return table


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).show()
