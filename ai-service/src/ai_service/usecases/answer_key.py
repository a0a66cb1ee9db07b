"""What an answer is kept under: it stands for the text, the departments and the models that may answer."""

from collections.abc import Sequence
from hashlib import blake2b
from uuid import UUID

from ai_service.domain.company import Company
from ai_service.domain.departments import Departments
from ai_service.domain.ladder import Rung
from ai_service.domain.ladder_settings import LadderSettings
from ai_service.domain.ticket_text import TicketText


def model(known: Company, own: Sequence[Rung], last: Rung | None) -> str:
    """Name the models that may answer, and the company's wishes about them where it has any."""
    wishes = (known.ladder.order, known.ladder.local_threshold)
    local = (known.model or "") if own else "cold" if last else "none"
    return local if wishes == (LadderSettings.order, LadderSettings.local_threshold) else f"{local} {wishes}"


def of(ticket: TicketText, departments: Departments, models: str) -> UUID:
    """Return the key; `models` names those that may answer."""
    # The list is part of the key: an answer must not outlive the department that it names.
    parts = ticket.fingerprint + departments.fingerprint + models.encode()
    return UUID(bytes=blake2b(parts, digest_size=16).digest())
