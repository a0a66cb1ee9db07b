"""Companies' classification heads: trained ones from the database, zero-shot ones made of their departments."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from cachetools import LRUCache
from model_kit.local import LocalEncoder
from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from ai_service.adapters.local.tuned_encoders import TunedEncoders
from ai_service.domain.departments import GENERAL, Departments
from ai_service.store import models

MAX_HEADS = 50
"""Cached; the least recently used head is evicted."""

log = get_logger(__name__)


class Heads:
    """Returns heads; a new version serves as soon as the company's data names it."""

    def __init__(self, database: Database, encoder: LocalEncoder, tuned: TunedEncoders) -> None:
        self._database = database
        self._encoder = encoder
        self._tuned = tuned
        self._lock = Lock()
        self._cached: LRUCache[Hashable, Any] = LRUCache(MAX_HEADS)

    def trained(self, company_id: int, version: str) -> Any | None:
        """Return the trained head of a version; None where it can't serve, for example because of another encoder."""
        head = self._get(("trained", company_id, version), lambda: self._load(company_id, version, models.head_of))
        return None if head is None else self._tuned.attach(company_id, head)

    def of_teams(self, company_id: int, version: str, run: int) -> Any | None:
        """Return the head for teams that a run made for a version; None where it can't serve, or is gone.

        A later run may make another one for the same version, so the version alone doesn't identify it.
        """
        return self._get(
            ("teams", company_id, version, run), lambda: self._load(company_id, version, models.team_head_of)
        )

    def zero_shot(self, departments: Departments) -> Any | None:
        """Return a head made of the departments' names and descriptions; None without departments besides General."""
        return self._get(("zero-shot", departments.fingerprint), lambda: self._make(departments))

    def _get(self, key: Hashable, make: Callable[[], Any]) -> Any | None:
        with self._lock:
            if key in self._cached:
                return self._cached[key]
        head = make()
        with self._lock:
            self._cached[key] = head
        return head

    def _load(self, company_id: int, version: str, bytes_of: Callable[..., bytes | None]) -> Any | None:
        from ai_service.adapters.local.classifier.storage import BadHead, unpack

        with self._database.session(company_id) as session:
            data = bytes_of(session, company_id, version)
        if data is None:
            return None
        try:
            head = unpack(data)
        except BadHead as error:
            log.warning("a model can't be used", version=version, reason=str(error))
            return None
        if head.encoder != self._encoder.name:
            # A head can't read the vectors of another encoder; the next training makes one that can.
            log.warning("a model was made with another encoder", version=version, encoder=head.encoder)
            return None
        return head

    def _make(self, departments: Departments) -> Any | None:
        from ai_service.adapters.local.classifier.examples import LabelInfo
        from ai_service.adapters.local.classifier.zero_shot import zero_shot_classifier

        # General is for tickets that fit nowhere, so no text resembles it.
        labels = [LabelInfo(each.name, each.description) for each in departments if each.name != GENERAL]
        return zero_shot_classifier(labels, self._encoder) if labels else None
