"""The workbooks with what companies' people decided: a folder for each company, one workbook in it."""

import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import orjson

LONGEST_REASON = 500
MAKING = ".making-"


class ExportFailed(Exception):
    """The workbook can't be written; the text says why."""


class ExportFiles:
    """Writes, gives and removes workbooks; one folder must serve all replicas."""

    def __init__(self, folder: Path | None, path: PurePosixPath, sheet: str, *, seconds: float) -> None:
        """`path` lies below `folder` (None: nothing is written); `seconds` bounds the writing of one."""
        self._folder = folder
        self._path = path
        self._sheet = sheet
        self._seconds = seconds

    @property
    def name(self) -> str:
        """Return what a workbook is called."""
        return self._path.name

    def write(self, company: int, rows: Iterable[Sequence[int | str | None]]) -> int:
        """Write a company's workbook in place of the one before; return its bytes. Raises ExportFailed."""
        file = self._file(company)
        if file is None:
            raise ExportFailed("TRAINING_DATA_DIR names no folder to write to")
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sweep(file.parent)
            # In the same folder, for only there a rename is one step; it is nobody's but ours (0700).
            with tempfile.TemporaryDirectory(prefix=MAKING, dir=file.parent) as name:
                made = Path(name) / file.name
                self._make(made, rows)
                made.chmod(0o600)
                size = made.stat().st_size
                made.replace(file)
        except OSError as error:
            raise ExportFailed(error.strerror or type(error).__name__) from error
        return size

    def remove(self, company: int) -> None:
        """Remove a company's workbook and what was left of unfinished ones. Raises OSError."""
        file = self._file(company)
        if file is not None:
            _sweep(file.parent)
            file.unlink(missing_ok=True)

    def open(self, company: int) -> BinaryIO | None:
        """Open a company's workbook for reading; None where there is none."""
        file = self._file(company)
        if file is not None:
            with suppress(FileNotFoundError, NotADirectoryError):
                return file.open("rb")
        return None

    def _file(self, company: int) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / self._path.parent / f"company-{company}" / self._path.name

    def _make(self, file: Path, rows: Iterable[Sequence[int | str | None]]) -> None:
        command = [sys.executable, "-m", "ai_service.adapters.export.workbook", self._sheet, str(file)]
        with subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            late = threading.Event()

            def stop() -> None:
                late.set()
                process.kill()

            timer = threading.Timer(self._seconds, stop)
            timer.start()
            try:
                assert process.stdin is not None
                # A process that ended early says why below.
                with suppress(BrokenPipeError):
                    for row in rows:
                        process.stdin.write(orjson.dumps(row) + b"\n")
                _, errors = process.communicate()
            except BaseException:
                process.kill()
                raise
            finally:
                timer.cancel()
        if late.is_set():
            raise ExportFailed(f"it did not end within {self._seconds:.0f} s")
        if process.returncode:
            lines = errors.decode(errors="replace").strip().splitlines()
            reason = lines[-1] if lines else f"the process that writes it ended with {process.returncode}"
            raise ExportFailed(reason[:LONGEST_REASON])


def _sweep(folder: Path) -> None:
    """Remove what a process that was killed has left: it may hold tickets that are deleted by now."""
    for left in folder.glob(f"{MAKING}*"):
        shutil.rmtree(left)
