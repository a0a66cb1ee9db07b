"""The steps of an import: rows, keys, the journal, departments, assigning, comparing."""

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any
from unicodedata import normalize

import click
import pytest
from launcher.commands.importing import _check_rejected, _read_rows, _write_rejected
from launcher.imports.assign_departments import assign_departments
from launcher.imports.departments import Departments
from launcher.imports.journal import Journal, journal_file, keys_of
from launcher.imports.polling import disagreements
from launcher.imports.rows import Refused, rejected_file

OPTIONS: dict[str, Any] = {
    "priority_1": "urgent", "priority_as": {}, "delimiter": "", "encoding": "", "limit": None, "description": "Text",
}  # fmt: skip


class Response:
    """A response of the gateway."""

    url = "http://desk.example"

    def __init__(self, status: int, body: Any = None) -> None:
        self.status_code, self._body = status, body or {}

    def json(self) -> Any:
        """Return the body."""
        return self._body


class FakeGateway:
    """Records writes; answers with the status given for a path, 200 otherwise."""

    def __init__(self, departments: list[dict[str, Any]] | None = None, **statuses: int) -> None:
        self.departments = departments or []
        self.statuses = statuses
        self.sent: list[tuple[str, Any]] = []

    def every(self, *_: Any) -> list[dict[str, Any]]:
        return self.departments

    def send_with_retry(self, _method: str, path: str, json: Any = None, headers: Any = None) -> Response:
        self.sent.append((path, json))
        status = self.statuses.get(path.rpartition("/")[2], self.statuses.get("all", 200))
        if status < 400:
            return Response(status, {name: normalize("NFC", value) for name, value in json.items() if name == "name"})
        return Response(status, {"code": "refused", "detail": "not here"})


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "tickets.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_rows_are_read_with_the_columns_that_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header, rows, refused = _read_rows(
        write(tmp_path, "Text,P,Team\nlamp broken,1,Facilities\npay,5,n/a\n"),
        **OPTIONS, priority="P", department="Team", title=None,
    )  # fmt: skip
    assert list(header) == ["Text", "P", "Team"]
    assert [(row.ticket["description"], row.ticket["priority"], row.department) for row in rows] == [
        ("lamp broken", "urgent", "Facilities"),
        ("pay", "low", ""),
    ]
    assert refused == []
    assert "2 rows" in capsys.readouterr().out


def test_a_row_with_an_unknown_priority_is_refused_with_its_line(tmp_path: Path) -> None:
    _, rows, refused = _read_rows(write(tmp_path, "Text,P\na,high\nb,banana\n"), **OPTIONS, priority="P")
    assert len(rows) == 1
    assert [row.line for row in refused] == [3]
    assert "--priority-as 'banana=high'" in refused[0].reason


def test_a_limit_counts_refused_rows_too(tmp_path: Path) -> None:
    options = OPTIONS | {"limit": 1}
    _, rows, refused = _read_rows(write(tmp_path, "Text\na\nb\nc\n"), **options)
    assert ([row.ticket["description"] for row in rows], refused) == (["a"], [])


def test_a_file_without_rows_or_without_the_column_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="no rows"):
        _read_rows(write(tmp_path, "Text\n"), **OPTIONS)
    with pytest.raises(click.ClickException, match="Text"):
        _read_rows(write(tmp_path, "Other\na\n"), **OPTIONS)


def test_refused_rows_never_overwrite_the_imported_file(tmp_path: Path) -> None:
    file = write(tmp_path, "Text\na\n")
    with pytest.raises(click.UsageError, match="another file"):
        _check_rejected(tmp_path / "." / file.name, file)
    _check_rejected(None, file)


def test_refused_rows_are_written_with_line_and_reason(tmp_path: Path) -> None:
    target = tmp_path / "rejected.csv"
    _write_rejected(target, ["Text"], [])
    assert not target.exists()
    _write_rejected(target, ["Text"], [Refused(9, "late", ["z"]), Refused(3, "no priority", ["a, b"])])
    content = target.read_bytes()
    assert content == rejected_file(["Text"], [Refused(3, "no priority", ["a, b"]), Refused(9, "late", ["z"])])
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig")))) == [
        ["import_line", "import_reason", "Text"],
        ["3", "no priority", "a, b"],
        ["9", "late", "z"],
    ]


def test_a_key_depends_on_content_and_repetition_but_not_on_other_rows(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    first = keys_of(file, [{"title": "a"}, {"title": "b"}, {"title": "a"}])
    assert len(set(first)) == 3
    assert keys_of(file, [{"title": "new"}, {"title": "a"}, {"title": "b"}, {"title": "a"}])[1:] == first
    assert not set(keys_of(file, [{"title": "a"}], salt="again")) & set(first)
    assert not set(keys_of(tmp_path / "b.csv", [{"title": "a"}])) & set(first)


def test_the_journal_is_read_back(tmp_path: Path) -> None:
    file = journal_file(tmp_path, tmp_path / "a.csv", "http://desk.example")
    journal = Journal(file)
    journal.record_sent("k1", 1, "2026-01-01")
    journal.record_assigned("k1")
    journal.close()
    again = Journal(file)
    assert (again.tickets, again.assigned, again.salt) == ({"k1": (1, "2026-01-01")}, {"k1"}, "")
    again.restart()
    again.close()
    assert Journal(file).tickets == {}
    assert Journal(file).salt == again.salt != ""


def test_each_file_and_each_system_has_its_own_journal(tmp_path: Path) -> None:
    files = {journal_file(tmp_path, tmp_path / name, system) for name in ("a.csv", "b.csv") for system in ("x", "y")}
    assert len(files) == 4


def test_departments_match_without_case_and_missing_ones_are_created_by_frequency() -> None:
    gateway = FakeGateway([{"name": "IT Support"}, {"name": "Legal", "is_active": False}])
    names = ["it  support", "Rare", "Common", "common", "LEGAL", "", "Cafe\u0301"]
    departments = Departments(gateway, names)  # type: ignore[arg-type]
    assert departments.find("IT SUPPORT") == "IT Support"
    assert departments.find("COMMON").casefold() == "common"
    assert [body["name"].casefold() for _, body in gateway.sent] == ["common", "rare", "cafe\u0301"]
    assert departments.find("Cafe\u0301") == "Caf\u00e9", "the name that was stored"
    with pytest.raises(ValueError, match="takes no tickets"):
        departments.find("legal")


def test_a_department_that_is_refused_refuses_its_rows_and_a_missing_permission_ends_the_import() -> None:
    departments = Departments(FakeGateway(all=409), ["New"])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not here"):
        departments.find("new")
    with pytest.raises(click.ClickException, match="can't be made"):
        Departments(FakeGateway(all=403), ["New"])  # type: ignore[arg-type]


def test_tickets_are_assigned_and_failed_ones_are_returned_with_the_reason() -> None:
    gateway, done = FakeGateway(**{"2": 404}), []
    faults = list(assign_departments(gateway, {1: "HR", 2: "Finance", 3: "HR"}, done.append))  # type: ignore[arg-type]
    assert sorted(done) == [1, 3]
    assert [ticket for ticket, _ in faults] == [2]
    assert "not here" in faults[0][1]
    assert sorted(path for path, _ in gateway.sent) == ["/api/route/1", "/api/route/2", "/api/route/3"]


def test_the_dashboard_may_count_more_than_was_sent_but_not_less() -> None:
    def summary(hr: int) -> dict[str, Any]:
        return {"by_department": {"HR": hr}, "by_status": {"pending": hr}, "unrouted": 0, "total_tickets": hr}

    assert disagreements(summary(2), summary(5), Counter(HR=2)) == []
    assert disagreements(summary(2), summary(3), Counter(HR=2)) == ["HR: 2 tickets say so, the dashboard counted 1"]
    assert "sums differ" in disagreements(summary(2), summary(5) | {"total_tickets": 9}, Counter())[0]
