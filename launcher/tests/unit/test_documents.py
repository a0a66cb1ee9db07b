"""`smart-ticket rag documents` shows what was read and what was left out."""

import json
from collections.abc import Iterator
from typing import Any

from click.testing import CliRunner
from launcher.commands.documents import is_unreadable, show_documents

READ = {"sheets": 2, "passages": 412, "rows": 2_911, "questions": 0, "characters": 211_004, "languages": {}}
LEFT_OUT = [{"code": "hidden_columns", "count": 3, "reason": "Three hidden columns of the sheet Costs; show them."}]


def document(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"id of {name}",
        "name": name,
        "kind": "excel",
        "state": "ready",
        "version": 1,
        "searchable_version": 1,
        "chunks": 412,
        "chunks_processed": 412,
        "reason": None,
        "report": {"read": READ, "left_out": LEFT_OUT},
        **more,
    }


OLD_REASON = "Version 2 can't be read, so version 1 still answers. The file is damaged."
DOCUMENTS = [
    document("costs.xlsx"),
    document("[rates].xlsx", version=2, reason=OLD_REASON, report={"read": READ, "left_out": []}),
    document(
        "scan.pdf", kind="pdf", state="failed", chunks=0, searchable_version=None, report=None, reason="Pictures."
    ),
    document("before.md", report=None),
    document("large.csv", state="reading", chunks=0, chunks_processed=96, report=None, searchable_version=None),
]


class Gateway:
    def every(self, path: str) -> Iterator[dict[str, Any]]:
        assert path == "/api/documents"
        yield from DOCUMENTS


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(show_documents, arguments, obj={"gateway": Gateway()})
    assert result.exit_code == 0, result.output
    return result.output


def test_the_list_shows_counts_and_what_was_left_out() -> None:
    lines = shown().splitlines()
    (costs,) = (line for line in lines if "costs.xlsx" in line)
    assert "2 sheets, 2,911 rows, 211,004 characters" in costs
    assert "hidden columns (3)" in costs
    (reading,) = (line for line in lines if "large.csv" in line)
    assert "96 …" in reading
    assert any("[rates].xlsx" in line for line in lines)


def test_a_document_shows_its_report_in_full_by_id_or_name() -> None:
    assert shown("costs.xlsx") == shown("id of costs.xlsx")
    assert "left out  hidden columns (3): Three hidden columns of the sheet Costs; show them." in shown("costs.xlsx")
    rates = shown("[rates].xlsx")
    assert "answers   version 1" in rates
    assert OLD_REASON in rates
    assert "left out  nothing" in rates
    assert "read" not in shown("scan.pdf").replace("can't be read", "")
    assert "upload it again" in shown("before.md")


def test_an_unknown_document_is_an_error() -> None:
    result = CliRunner().invoke(show_documents, ["nowhere.md"], obj={"gateway": Gateway()})
    assert result.exit_code == 1
    assert "there is no document nowhere.md" in result.output


def test_json_has_every_document_whole() -> None:
    assert [json.loads(line) for line in shown("--json").splitlines()] == DOCUMENTS


def test_a_document_whose_newest_version_cannot_be_read_counts_as_unreadable() -> None:
    assert [is_unreadable(each) for each in DOCUMENTS] == [False, True, True, False, False]
