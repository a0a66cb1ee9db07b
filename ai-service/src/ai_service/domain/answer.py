"""What a rung of the ladder says, and what of it may be believed."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from ai_service.domain.departments import Departments
from ai_service.domain.ticket_text import visible
from ai_service.domain.usage import Usage

DecidedBy = Literal["claude", "bert", "keywords", "nobody"]
"""`nobody`: the company leaves no ticket to machines, so a person must."""

ABSTAIN_BELOW = 40.0
"""With less confidence the ticket waits for a person; the keywords' 30 for a text they know nothing of lies below."""

CONFIDENCE_UNSTATED = 70.0
REASON_CHARACTERS = 500

_NUMBER = re.compile(r"\s*(-?\d{1,18}(?:\.\d{1,18})?)\s*%?\s*")
# Control characters and halves of surrogate pairs: PostgreSQL, JSON or a terminal would choke on them.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True)
class Figures:
    """What the local classifier found, whether it was believed or not."""

    category: str
    """Its best label."""
    confidence: float
    """How likely that is, within 0 and 1."""
    similarity: float
    """Mean cosine with the nearest tickets that were learnt from, or with the label's description."""


@dataclass(frozen=True)
class Proposal:
    """What a rung said, believed by nobody yet: models answer anything at all."""

    department: object
    confidence: object = None
    reason: object = None
    model: str | None = None
    figures: Figures | None = None
    usage: Usage | None = None
    """What it cost to be told; None where it cost nothing, or nobody knows."""


@dataclass(frozen=True)
class Answer:
    """Where a ticket belongs; `department` is a member of the company's list."""

    department: str
    confidence: float
    reason: str
    decided_by: DecidedBy
    model: str | None = None
    figures: Figures | None = None

    @property
    def need_admin(self) -> bool:
        """Tell whether a person must route it."""
        return self.confidence < ABSTAIN_BELOW


class NotOfTheList(Exception):
    """A rung named a department that the company doesn't have."""


def accept(proposal: Proposal, departments: Departments, decided_by: DecidedBy) -> Answer:
    """Make an answer of what a rung said; raise NotOfTheList where its department is none of the company's."""
    department = departments.find(proposal.department)
    if department is None:
        raise NotOfTheList
    return Answer(
        department,
        confidence(proposal.confidence),
        _reason(proposal.reason),
        decided_by,
        proposal.model,
        proposal.figures,
    )


def unread(departments: Departments) -> Answer:
    """Say, of a ticket whose company has it read by people alone, where it waits for one of them."""
    return Answer(
        departments.fallback(),
        0.0,
        "the company has its tickets read by people alone (auto_categorize is off)",
        "nobody",
    )


def confidence(stated: object) -> float:
    """Read a confidence out of whatever a model wrote: within 0 and 100, and 70 where it says nothing usable."""
    if isinstance(stated, str):
        match = _NUMBER.fullmatch(stated)
        stated = float(match[1]) if match else None
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        return CONFIDENCE_UNSTATED
    if isinstance(stated, float) and not math.isfinite(stated):
        return CONFIDENCE_UNSTATED
    # Clamped before it becomes a float: a whole number may be larger than any.
    return round(float(min(max(stated, 0), 100)), 2)


def _reason(stated: object) -> str:
    return visible(_UNPRINTABLE.sub(" ", stated)).strip()[:REASON_CHARACTERS] if isinstance(stated, str) else ""
