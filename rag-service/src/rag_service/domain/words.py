"""The words of this service, and what can go wrong with them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class State(StrEnum):
    """How far a document is."""

    WAITING = "waiting"
    READING = "reading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Document:
    """A document as its company sees it."""

    id: UUID
    company_id: int
    name: str
    kind: str
    origin: str
    """`file`: uploaded here; `outside`: another producer named it."""
    version: int
    state: State
    reason_code: str | None
    reason: str | None
    pages: int | None
    chunks: int
    chunks_read: int
    """How many of the passages have been read so far, while it is being read."""
    revision: int
    created_at: datetime
    updated_at: datetime


class DocumentNotFound(Exception):
    """The company has no such document."""


class OtherCompany(Exception):
    """The body names a company that isn't the caller's."""


class ConversationNotFound(Exception):
    """The caller has no such conversation."""


class ApprovedAnswerNotFound(Exception):
    """The company has no such approved answer."""


class TooManyApproved(Exception):
    """The company has as many approved answers as are compared with a question."""


class QuestionNotFound(Exception):
    """The company has no such question."""


class TooManyQuestions(Exception):
    """The company has as many saved questions as are asked in an evaluation."""


class NoRebuild(Exception):
    """The company's vectors were never made anew."""


class BadForeignEvent(Exception):
    """What an outside producer sent can't be taken."""
