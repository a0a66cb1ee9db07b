"""Where files' bytes come from: ticket-service keeps those that were uploaded, a folder those of outside producers."""

import os
import stat
from collections.abc import Collection, Sequence
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import orjson
from service_kit.calls import Neighbour, NeighbourDown, NeighbourSlow
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner
from service_kit.messaging.failures import NotNow

from rag_service.domain.celery_compat import KIND_BY_EXTENSION
from rag_service.domain.document import Unreadable

AUDIENCE = "ticket-service"
GONE = frozenset({404, 409, 410})
PASSING = frozenset({401, 403, 408, 425, 429, 502, 503, 504})
"""Answers that say nothing about the file: ticket-service, its storage or our key for it is to be put right."""
IDS_AT_ONCE = 100
PRESENT_SECONDS = 1.0
MISSING = "bytes_missing"
"""The code of a 503 that does say something about the file."""


class FileRefused(Exception):
    """ticket-service doesn't give a file, though it is there and nothing is down."""


class TicketServiceFiles:
    """Files that ticket-service keeps, asked for over HTTP as a service of the file's company."""

    def __init__(self, neighbour: Neighbour, signer: TokenSigner, name: str, *, max_bytes: int) -> None:
        """`name` is this service's own: it is who asks."""
        self._neighbour = neighbour
        self._signer = signer
        self._name = name
        self._max_bytes = max_bytes

    def fetch(self, company_id: int, file: UUID, version: int) -> bytes:
        """Return a version's bytes; raise NotNow, FileRefused, Unreadable("gone") where nobody has them any more."""
        asker = Caller(company_id=company_id, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(asker, AUDIENCE)}
        try:
            reply = self._neighbour.request(
                "GET", f"/internal/files/{file}/content", query={"version": str(version)}, headers=headers, stream=True
            )
            try:
                if reply.status in GONE:
                    raise Unreadable("gone", "The file was deleted or replaced before it could be read.")
                if reply.status in PASSING and not (reply.status == 503 and _code(self._read(reply)) == MISSING):
                    raise NotNow(f"ticket-service answered {reply.status} when asked for a file")
                if reply.status != 200:
                    # It may answer so for this file alone, so it must not hold up the others.
                    raise FileRefused(f"ticket-service answered {reply.status} when asked for a file")
                return self._read(reply)
            finally:
                reply.close()
        except (NeighbourDown, NeighbourSlow) as error:
            raise NotNow("ticket-service can't give the file now") from error

    def _read(self, reply: object) -> bytes:
        parts, size = [], 0
        for part in reply.chunks():  # type: ignore[attr-defined]
            parts.append(part)
            size += len(part)
            if size > self._max_bytes:
                raise Unreadable("too_large", f"The file is larger than {self._max_bytes} bytes.")
        return b"".join(parts)


class FileExistence:
    """Tells which files ticket-service still has: an event about a deletion may be on its way."""

    def __init__(self, neighbour: Neighbour, signer: TokenSigner, name: str) -> None:
        """`name` is this service's own: it is who asks."""
        self._neighbour = neighbour
        self._signer = signer
        self._name = name

    @classmethod
    def at(cls, url: str, signer: TokenSigner, name: str) -> "FileExistence":
        """Make it for the address of ticket-service, which may take a second to answer."""
        return cls(Neighbour(AUDIENCE, url, deadline_seconds=PRESENT_SECONDS), signer, name)

    def existing(self, company_id: int, files: Collection[UUID]) -> set[UUID]:
        """Return which of these files there are; all of them where ticket-service can't be asked."""
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
            reply = self._neighbour.request("GET", "/internal/files", query=query, headers=headers)
            if reply.status != 200:
                return set(files)
            return set(files) & {UUID(each) for each in orjson.loads(reply.body)["ids"]}
        except (NeighbourDown, NeighbourSlow, ValueError, KeyError, TypeError, AttributeError):
            return set(files)


class ExternalFiles:
    """Files that outside producers put below one folder."""

    def __init__(self, base: str, *, max_bytes: int) -> None:
        """`base` is the only folder that is read; empty: none is."""
        self._base = Path(base).resolve() if base else None
        self._max_bytes = max_bytes

    def relative(self, path: str) -> str:
        """Return a path, given absolute or relative, as one below the folder; raise ValueError where it isn't."""
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
            # Looked at again when it is opened: a link may have been put there since it was named.
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


def kind_of(name: str) -> str:
    """Return a file's kind by the ending of its name; raise Unreadable where it says nothing."""
    kind = KIND_BY_EXTENSION.get(Path(name).suffix.casefold())
    if kind is None:
        raise Unreadable("wrong_kind", "Its name doesn't say what kind of file it is; give the kind.")
    return kind
