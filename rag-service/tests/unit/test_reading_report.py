"""What a document's report says."""

from rag_service.domain.document import Chunk, LeftOut, Parsed, PassageKind, Section
from rag_service.domain.ingestion_lane import is_large_file, is_large_text
from rag_service.domain.reading_report import report_of

PROSE, ROWS, QA = PassageKind.PROSE, PassageKind.ROWS, PassageKind.QA
TEXTS = [
    (PROSE, "Der Aufzug im Haus wird am Montag repariert und ist dann nicht zu benutzen."),
    (PROSE, "Bitte nehmen Sie an diesem Tag die Treppe, die hinter dem Empfang liegt."),
    (QA, "Who repairs the lift in the house?\nThe company whose number is on the door does that every year."),
    (ROWS, "Lift: A; Floor: 3\nLift: B; Floor: 4\nLift: C; Floor: 9"),
    (ROWS, "Lift: D; Floor: 1"),
]


def made(pages: int | None) -> tuple[Parsed, list[Chunk]]:
    sections = tuple(Section(text, kind=kind) for kind, text in TEXTS)
    left_out = (LeftOut("scanned_pages", 2, "Pages 4 and 7 are pictures."),)
    return Parsed("Lifts", sections, pages, left_out), [
        Chunk(place, text, "Lifts", (), "", kind) for place, (kind, text) in enumerate(TEXTS)
    ]


def test_it_counts_what_was_read_and_keeps_what_was_left_out() -> None:
    parsed, chunks = made(9)
    report = report_of(parsed, chunks, "pdf")
    assert report["left_out"] == [
        {"code": "scanned_pages", "count": 2, "reason": "Pages 4 and 7 are pictures."},
    ]
    read = report["read"]
    assert (read["pages"], read["passages"], read["rows"], read["questions"]) == (9, 5, 4, 1)
    assert read["characters"] == sum(len(text) for _, text in TEXTS)
    assert read["languages"]["german"] == 0.67


def test_a_workbook_has_sheets_and_a_text_has_neither() -> None:
    assert report_of(*made(3), "excel")["read"]["sheets"] == 3
    assert not {"pages", "sheets"} & report_of(*made(None), "text")["read"].keys()


def test_rows_have_no_language() -> None:
    parsed, chunks = made(1)
    assert report_of(parsed, chunks[3:], "csv")["read"]["languages"] == {}


def test_a_file_is_large_by_its_size_or_by_its_passages() -> None:
    assert not is_large_file("markdown", 200_000)
    assert is_large_file("csv", 300_000)
    assert not is_large_file("pdf", 900_000)
    assert not is_large_text(100, 100 - 4)
    assert is_large_text(101, 101)
    # A long table is embedded in part, but its passages are indexed.
    assert is_large_text(25_000, 90)
