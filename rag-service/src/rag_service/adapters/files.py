"""Sources of files' bytes: ticket-service for uploads, a folder for external producers."""

import os
import stat
from collections.abc import Collection, Sequence
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import orjson
from eventbus.retry.policy import RetryLater
from service_kit.http_client import ServiceClient, UpstreamTimeout, UpstreamUnavailable
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner

from rag_service.domain.document import Unreadable

AUDIENCE = "ticket-service"
GONE = frozenset({404, 409, 410})
PASSING = frozenset({401, 403, 408, 425, 429, 502, 503, 504})
"""Statuses that are about ticket-service, its storage or the token, not about the file: retry later."""
IDS_AT_ONCE = 100
PRESENT_SECONDS = 1.0
MISSING = "bytes_missing"
"""The problem code of a 503 that is about the file itself."""


class FileRefused(Exception):
    """ticket-service refuses a file although it exists and the service is up."""


class TicketServiceFiles:
    """Uploaded files, fetched from ticket-service over HTTP with a service token of the file's company."""

    def __init__(self, client: ServiceClient, signer: TokenSigner, name: str, *, max_bytes: int) -> None:
        """`name`: this service's name, used as the caller in the token."""
        self._client = client
        self._signer = signer
        self._name = name
        self._max_bytes = max_bytes

    def fetch(self, company_id: int, file: UUID, version: int) -> bytes:
        """Return a version's bytes; raise RetryLater, FileRefused, or Unreadable("gone") if they no longer exist."""
        asker = Caller(company_id=company_id, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(asker, AUDIENCE)}
        try:
            reply = self._client.request(
                "GET", f"/internal/files/{file}/content", query={"version": str(version)}, headers=headers, stream=True
            )
            try:
                if reply.status in GONE:
                    raise Unreadable("gone", "The file was deleted or replaced before it could be read.")
                if reply.status in PASSING and not (reply.status == 503 and _code(self._read(reply)) == MISSING):
                    raise RetryLater(f"ticket-service answered {reply.status} when asked for a file")
                if reply.status != 200:
                    # The status may concern this file alone, so it must not delay other files.
                    raise FileRefused(f"ticket-service answered {reply.status} when asked for a file")
                return self._read(reply)
            finally:
                reply.close()
        except (UpstreamUnavailable, UpstreamTimeout) as error:
            raise RetryLater("ticket-service can't give the file now") from error

    def _read(self, reply: object) -> bytes:
        parts, size = [], 0
        for part in reply.chunks():  # type: ignore[attr-defined]
            parts.append(part)
            size += len(part)
            if size > self._max_bytes:
                raise Unreadable("too_large", f"The file is larger than {self._max_bytes} bytes.")
        return b"".join(parts)


class FileExistence:
    """Says which files ticket-service still has, because the event of a deletion may still be on its way."""

    def __init__(self, client: ServiceClient, signer: TokenSigner, name: str) -> None:
        """`name`: this service's name, used as the caller in the token."""
        self._client = client
        self._signer = signer
        self._name = name

    @classmethod
    def at(cls, url: str, signer: TokenSigner, name: str) -> "FileExistence":
        """Create it for ticket-service's URL, with a deadline of one second."""
        return cls(ServiceClient(AUDIENCE, url, deadline_seconds=PRESENT_SECONDS), signer, name)

    def existing(self, company_id: int, files: Collection[UUID]) -> set[UUID]:
        """Return the files that still exist; all of them if ticket-service does not answer."""
        asked = sorted(files)
        found: set[UUID] = set()
        for start in range(0, len(asked), IDS_AT_ONCE):
            some = asked[start : start + IDS_AT_ONCE]
            found |= self._ask(company_id, some)
        return found

    def _ask(self, company_id: int, files: Sequence[UUID]) -> set[UUID]:
        asker = Caller(company_id=company_id, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(asker, AUDIENCE)}
        query = urlencode([("ids", str(file)) for file in files])
        try:
            reply = self._client.request("GET", "/internal/files", query=query, headers=headers)
            if reply.status != 200:
                return set(files)
            return set(files) & {UUID(each) for each in orjson.loads(reply.body)["ids"]}
        except (UpstreamUnavailable, UpstreamTimeout, ValueError, KeyError, TypeError, AttributeError):
            return set(files)


class ExternalFiles:
    """Files of external producers, below one folder."""

    def __init__(self, base: str, *, max_bytes: int) -> None:
        """`base`: the only folder that is read; empty for none."""
        self._base = Path(base).resolve() if base else None
        self._max_bytes = max_bytes

    def relative(self, path: str) -> str:
        """Return a path, absolute or relative, as one relative to the folder; raise ValueError outside the folder."""
        if self._base is None:
            raise ValueError("RAG_FILES_BASE_PATH is not set, so no file of an outside producer is read")
        if "\0" in path or not path.strip():
            raise ValueError("the path is empty or holds a character that no path has")
        try:
            found = (self._base / path).resolve()
        except (OSError, RuntimeError):  # links that go round in a circle
            raise ValueError("the path can't be followed") from None
        if found == self._base or not found.is_relative_to(self._base):
            raise ValueError("the path doesn't lie below RAG_FILES_BASE_PATH")
        return found.relative_to(self._base).as_posix()

    def fetch(self, path: str) -> bytes:
        """Return a file's bytes; raise Unreadable where it can't be had."""
        try:
            relative = self.relative(path)
            assert self._base is not None
            # Checked again when it is opened, because a link may have been put there meanwhile.
            handle = os.open(self._base / relative, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise ValueError("it is no file")
                with os.fdopen(handle, "rb", closefd=False) as file:
                    data = file.read(self._max_bytes + 1)
            finally:
                os.close(handle)
        except ValueError as error:
            raise Unreadable("wrong_path", f"It can't be read: {error}.") from error
        except OSError as error:
            raise Unreadable("gone", f"It can't be read: {error.strerror or type(error).__name__}.") from error
        if len(data) > self._max_bytes:
            raise Unreadable("too_large", f"The file is larger than {self._max_bytes} bytes.")
        return data


def _code(body: bytes) -> object:
    try:
        return orjson.loads(body).get("code")
    except (ValueError, AttributeError):
        return None
