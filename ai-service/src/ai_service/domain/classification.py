"""A classifier's unchecked proposal, and the validated classification that is made of it."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from ai_service.domain.departments import Departments
from ai_service.domain.ticket_text import visible
from ai_service.domain.usage import Usage

DecidedBy = Literal["claude", "bert", "keywords", "nobody"]
"""`nobody`: the company has switched automatic categorization off, so a person routes the ticket."""

ABSTAIN_BELOW = 40.0
"""Below this confidence a person routes the ticket; the keyword classifier's 30 for no evidence lies below it."""

CONFIDENCE_UNSTATED = 70.0
REASON_CHARACTERS = 500

_NUMBER = re.compile(r"\s*(-?\d{1,18}(?:\.\d{1,18})?)\s*%?\s*")
# Control characters and halves of surrogate pairs: PostgreSQL, JSON or a terminal would choke on them.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True)
class LocalScores:
    """The local classifier's best label with its scores, whether it was accepted or not."""

    category: str
    """The best label."""
    confidence: float
    """Its calibrated probability, 0 to 1."""
    similarity: float
    """Mean cosine with the nearest training tickets, or the cosine with the label's description."""


@dataclass(frozen=True)
class Proposal:
    """A classifier's output, not validated yet: a model can answer anything at all."""

    department: object
    confidence: object = None
    reason: object = None
    model: str | None = None
    local_scores: LocalScores | None = None
    usage: Usage | None = None
    """The cost of the call; None where it cost nothing, or the cost is unknown."""


@dataclass(frozen=True)
class Classification:
    """Where a ticket belongs; `department` is a member of the company's list."""

    department: str
    confidence: float
    """0 to 100."""
    reason: str
    decided_by: DecidedBy
    model: str | None = None
    local_scores: LocalScores | None = None

    @property
    def need_admin(self) -> bool:
        """Return whether the classifier abstains, so that a person must route the ticket."""
        return self.confidence < ABSTAIN_BELOW


class UnknownDepartment(Exception):
    """A classifier proposed a department that the company doesn't have."""


def validate(proposal: Proposal, departments: Departments, decided_by: DecidedBy) -> Classification:
    """Return a proposal as a classification; raise UnknownDepartment where the company has no such department."""
    department = departments.find(proposal.department)
    if department is None:
        raise UnknownDepartment
    return Classification(
        department,
        parse_confidence(proposal.confidence),
        _printable(proposal.reason),
        decided_by,
        proposal.model,
        proposal.local_scores,
    )


def unclassified(departments: Departments) -> Classification:
    """Return the placeholder for a ticket of a company that has switched automatic categorization off."""
    return Classification(
        departments.fallback(),
        0.0,
        "the company has its tickets read by people alone (auto_categorize is off)",
        "nobody",
    )


def parse_confidence(stated: object) -> float:
    """Return the confidence (0 to 100) that a model stated in whatever form; 70 where it stated nothing usable."""
    if isinstance(stated, str):
        match = _NUMBER.fullmatch(stated)
        stated = float(match[1]) if match else None
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        return CONFIDENCE_UNSTATED
    if isinstance(stated, float) and not math.isfinite(stated):
        return CONFIDENCE_UNSTATED
    # Clamped before the conversion: a whole number may be larger than any float.
    return round(float(min(max(stated, 0), 100)), 2)


def _printable(reason: object) -> str:
    return visible(_UNPRINTABLE.sub(" ", reason)).strip()[:REASON_CHARACTERS] if isinstance(reason, str) else ""
