"""The cache key of a classification: a digest of the text, the departments and the models that may answer."""

from collections.abc import Sequence
from hashlib import blake2b
from uuid import UUID

from ai_service.domain.cascade import Classifier
from ai_service.domain.cascade_settings import CascadeSettings
from ai_service.domain.company import Company
from ai_service.domain.departments import Departments
from ai_service.domain.ticket_text import TicketText


def models(company: Company, classifiers: Sequence[Classifier], zero_shot: Classifier | None) -> str:
    """Return a name for the models that may answer, with the company's settings where they differ from the defaults."""
    settings = (company.cascade.order, company.cascade.local_threshold)
    local = (company.model or "") if classifiers else "zero-shot" if zero_shot else "none"
    return local if settings == (CascadeSettings.order, CascadeSettings.local_threshold) else f"{local} {settings}"


def of(ticket: TicketText, departments: Departments, models: str) -> UUID:
    """Return the key; `models` is the name of the models that may answer."""
    # The departments are part of the key: an answer must not outlive its department.
    parts = ticket.fingerprint + departments.fingerprint + models.encode()
    return UUID(bytes=blake2b(parts, digest_size=16).digest())
