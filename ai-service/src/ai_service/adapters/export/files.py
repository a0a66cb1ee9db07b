"""Stores the workbooks of labelled tickets: a folder for each company with one workbook."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import orjson

from ai_service.adapters.child_process import lower_priority
from ai_service.adapters.time_limit import killed_after

MAX_REASON_CHARACTERS = 500
TEMPORARY_PREFIX = ".making-"


class ExportFailed(Exception):
    """The workbook can't be written; the message is the reason."""


class ExportFiles:
    """Writes, opens and removes workbooks; all replicas need the same folder."""

    def __init__(self, folder: Path | None, path: PurePosixPath, sheet: str, *, seconds: float, niceness: int) -> None:
        """`path` is relative to `folder` (None: nothing is written); `seconds` limits the writing of one workbook.

        `niceness` is that of the process that writes.
        """
        self._folder = folder
        self._path = path
        self._sheet = sheet
        self._seconds = seconds
        self._niceness = niceness

    @property
    def name(self) -> str:
        """Return the file name of the workbooks."""
        return self._path.name

    def write(self, company_id: int, rows: Iterable[Sequence[int | str | None]]) -> int:
        """Write or replace a company's workbook; return its size in bytes. Raises ExportFailed."""
        file = self._file(company_id)
        if file is None:
            raise ExportFailed("TRAINING_DATA_DIR names no folder to write to")
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _remove_unfinished(file.parent)
            # In the same folder, so that the rename is atomic; other users have no access (0700).
            with tempfile.TemporaryDirectory(prefix=TEMPORARY_PREFIX, dir=file.parent) as name:
                unfinished = Path(name) / file.name
                self._run(unfinished, rows)
                unfinished.chmod(0o600)
                size = unfinished.stat().st_size
                unfinished.replace(file)
        except OSError as error:
            raise ExportFailed(error.strerror or type(error).__name__) from error
        return size

    def remove(self, company_id: int) -> None:
        """Remove a company's workbook, finished or not. Raises OSError."""
        file = self._file(company_id)
        if file is not None:
            _remove_unfinished(file.parent)
            file.unlink(missing_ok=True)

    def remove_company(self, company_id: int) -> None:
        """Remove a company's folder. Raises OSError."""
        file = self._file(company_id)
        if file is not None:
            with suppress(FileNotFoundError):
                shutil.rmtree(file.parent)

    def open(self, company_id: int) -> BinaryIO | None:
        """Open a company's workbook for reading; None where there is none."""
        file = self._file(company_id)
        if file is not None:
            with suppress(FileNotFoundError, NotADirectoryError):
                return file.open("rb")
        return None

    def _file(self, company_id: int) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / self._path.parent / f"company-{company_id}" / self._path.name

    def _run(self, file: Path, rows: Iterable[Sequence[int | str | None]]) -> None:
        command = [sys.executable, "-m", "ai_service.adapters.export.workbook", self._sheet, str(file)]
        with (
            subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            ) as process,
            killed_after(self._seconds, process) as timed_out,
        ):
            lower_priority(process, self._niceness)
            assert process.stdin is not None
            # The exit status of a process that ended early is checked below.
            with suppress(BrokenPipeError):
                for row in rows:
                    process.stdin.write(orjson.dumps(row) + b"\n")
            _, errors = process.communicate()
        if timed_out.is_set():
            raise ExportFailed(f"the export did not end within {self._seconds:.0f} s")
        if process.returncode:
            lines = errors.decode(errors="replace").strip().splitlines()
            reason = lines[-1] if lines else f"the process that writes it ended with {process.returncode}"
            raise ExportFailed(reason[:MAX_REASON_CHARACTERS])


def _remove_unfinished(folder: Path) -> None:
    """Remove the files of killed processes: they may hold tickets that are deleted by now."""
    for unfinished in folder.glob(f"{TEMPORARY_PREFIX}*"):
        shutil.rmtree(unfinished)
