"""Workbooks are stored, replaced and removed."""

import os
from pathlib import Path, PurePosixPath

import pytest
from ai_service.adapters.export.files import ExportFailed, ExportFiles
from openpyxl import load_workbook

ROWS = [(1, "a", "HR", None, "2026-01-01", "2026-01-01")]
PATH = PurePosixPath("exports/tickets.xlsx")


def files(folder: Path | None, seconds: float = 60.0) -> ExportFiles:
    return ExportFiles(folder, PATH, "Sheet1", seconds=seconds, niceness=0)


def test_each_company_has_a_workbook_of_its_own_with_mode_0600(tmp_path: Path) -> None:
    exports = files(tmp_path)
    assert exports.open(1) is None
    size = exports.write(1, ROWS)
    file = tmp_path / "exports" / "company-1" / "tickets.xlsx"
    assert (file.stat().st_size, file.stat().st_mode & 0o777) == (size, 0o600)
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["tickets.xlsx"]
    assert exports.open(2) is None
    with exports.open(1) as opened:  # type: ignore[union-attr]
        assert load_workbook(opened)["Sheet1"]["B2"].value == "a"


def test_an_open_workbook_can_be_read_to_its_end_after_its_replacement(tmp_path: Path) -> None:
    exports = files(tmp_path)
    size = exports.write(1, ROWS)
    with exports.open(1) as opened:  # type: ignore[union-attr]
        exports.write(1, ROWS * 100)
        assert len(opened.read()) == size


def test_removing_a_workbook_removes_unfinished_ones_too(tmp_path: Path) -> None:
    exports = files(tmp_path)
    exports.remove(1)  # nothing there
    exports.write(1, ROWS)
    left = tmp_path / "exports" / "company-1" / ".making-x"
    left.mkdir()
    (left / "rows").write_text("a ticket")
    exports.remove(1)
    assert list(left.parent.iterdir()) == []


def test_a_deleted_companys_folder_goes_and_no_others(tmp_path: Path) -> None:
    exports = files(tmp_path)
    for company in (1, 11):
        exports.write(company, ROWS)
    (tmp_path / "exports" / "company-1" / ".making-x").mkdir()
    exports.remove_company(1)
    exports.remove_company(1)
    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["company-11"]
    files(None).remove_company(1)


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ExportFailed, match="TRAINING_DATA_DIR"):
        files(None).write(1, ROWS)
    assert files(None).open(1) is None
    files(None).remove(1)


def test_the_error_about_an_unusable_folder_has_no_path(tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("a file")
    with pytest.raises(ExportFailed) as error:
        files(tmp_path).write(1, ROWS)
    assert str(error.value) in {"Not a directory", "File exists"}


def test_a_full_disk_is_an_error_and_the_previous_workbook_stays(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    exports = files(tmp_path)
    size = exports.write(1, ROWS)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, before[1]))  # inherited by the process that writes
    try:
        with pytest.raises(ExportFailed, match="too large"):
            exports.write(1, ([n, os.urandom(2_000).hex(), "HR", None, "", ""] for n in range(50)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.stat().st_size for path in (tmp_path / "exports" / "company-1").iterdir()] == [size]


def test_writing_has_a_time_limit(tmp_path: Path) -> None:
    with pytest.raises(ExportFailed, match="did not end within 0 s"):
        files(tmp_path, seconds=0.01).write(1, ROWS * 50_000)
    assert list((tmp_path / "exports" / "company-1").iterdir()) == []
