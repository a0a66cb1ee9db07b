"""Sources of bytes: failures that are retried, failures of one file, and paths that are no files."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from eventbus.retry.policy import RetryLater
from rag_service.adapters.files import ExternalFiles, FileRefused, TicketServiceFiles
from rag_service.domain.document import Unreadable


class Reply:
    """An answer of ticket-service."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status, self._body = status, body

    def chunks(self) -> Iterator[bytes]:
        """Yield the body."""
        yield self._body

    def close(self) -> None:
        """Nothing to give back."""


class ServiceClient:
    """ticket-service, answering always the same."""

    def __init__(self, status: int, body: bytes = b"") -> None:
        self._reply = Reply(status, body)

    def request(self, _method: str, _path: str, **_more: Mapping[str, Any]) -> Reply:
        """Answer."""
        return self._reply


class Signer:
    """Signs nothing."""

    def sign(self, _caller: object, _audience: str) -> str:
        """Return a token."""
        return "token"


def fetch(status: int, body: bytes = b"") -> bytes:
    files = TicketServiceFiles(ServiceClient(status, body), Signer(), "rag-service", max_bytes=100)  # type: ignore[arg-type]
    return files.fetch(1, uuid4(), 1)


def test_bytes_are_given() -> None:
    assert fetch(200, b"text") == b"text"


@pytest.mark.parametrize("status", [401, 429, 502, 503, 504])
def test_a_status_that_is_not_about_the_file_is_retried(status: int) -> None:
    with pytest.raises(RetryLater):
        fetch(status, b'{"code": "storage_down"}')


@pytest.mark.parametrize(("status", "body"), [(500, b""), (400, b""), (503, b'{"code":"bytes_missing"}')])
def test_a_file_that_alone_is_not_given_holds_up_no_other(status: int, body: bytes) -> None:
    with pytest.raises(FileRefused):
        fetch(status, body)


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_gone_says_so(status: int) -> None:
    with pytest.raises(Unreadable, match="deleted or replaced"):
        fetch(status)


def test_folders_pipes_and_circles_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    outside = ExternalFiles(str(tmp_path), max_bytes=10)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in ("folder", "pipe", "circle"):
        with pytest.raises(Unreadable):
            outside.fetch(name)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    with pytest.raises(ValueError, match="followed"):
        outside.relative("circle/file.txt")
