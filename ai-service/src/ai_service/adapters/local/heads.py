"""The heads that judge for companies: trained ones from the database, cold ones made of their departments."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from model_kit.local import LocalEncoder
from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from ai_service.adapters.local.tuned import TunedEncoders
from ai_service.domain.departments import GENERAL, Departments
from ai_service.store import models

HEADS = 50
"""Kept at once; with more companies the one not asked for longest is loaded anew."""

log = get_logger(__name__)


class Heads:
    """Gives the head of a company; a new version serves as soon as the company's view names it."""

    def __init__(self, database: Database, encoder: LocalEncoder, tuned: TunedEncoders) -> None:
        self._database = database
        self._encoder = encoder
        self._tuned = tuned
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def trained(self, company: int, version: str) -> Any | None:
        """Return the trained head of that version; None where it can't serve, because of another encoder say."""
        head = self._get(("trained", company, version), lambda: self._load(company, version, models.head_of))
        return None if head is None else self._tuned.bind(company, head)

    def of_teams(self, company: int, version: str, run: int) -> Any | None:
        """Return the head for teams that a run gave to that version; None where it can't serve, or is gone.

        The same departments' head may get another for teams, so the version alone doesn't name it.
        """
        return self._get(("teams", company, version, run), lambda: self._load(company, version, models.team_head_of))

    def cold(self, departments: Departments) -> Any | None:
        """Return a head that knows the departments' names and descriptions only; None where there is none to choose."""
        return self._get(("cold", departments.fingerprint), lambda: self._make(departments))

    def _get(self, key: Hashable, make: Callable[[], Any]) -> Any | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > HEADS:
                self._kept.popitem(last=False)
        return made

    def _load(self, company: int, version: str, bytes_of: Callable[..., bytes | None]) -> Any | None:
        from ai_service.classifier.storage import BadHead, unpack

        with self._database.session(company) as session:
            data = bytes_of(session, company, version)
        if data is None:
            return None
        try:
            head = unpack(data)
        except BadHead as error:
            log.warning("a model can't be used", version=version, reason=str(error))
            return None
        if head.encoder != self._encoder.name:
            # Vectors of another encoder mean nothing to it; the next training makes one that fits.
            log.warning("a model was made with another encoder", version=version, encoder=head.encoder)
            return None
        return head

    def _make(self, departments: Departments) -> Any | None:
        from ai_service.classifier.examples import LabelInfo
        from ai_service.classifier.zero_shot import zero_shot_classifier

        # General is where a ticket goes that fits nowhere, so nothing resembles it.
        labels = [LabelInfo(each.name, each.description) for each in departments if each.name != GENERAL]
        return zero_shot_classifier(labels, self._encoder) if labels else None
