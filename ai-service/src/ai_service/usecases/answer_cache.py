"""Answers to texts that were read before, few per company, so that no company crowds out another."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from ai_service.domain.answer import Answer

COMPANIES = 50
"""Companies whose answers are kept at once; with more, the one not asked for longest goes."""


class AnswerCache:
    """Keeps the latest answers of the companies asked for latest, each for a limited time."""

    def __init__(self, *, per_company: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep `per_company` answers for `seconds`; 0 of either keeps none."""
        self._per_company = per_company
        self.seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._companies: OrderedDict[int, OrderedDict[Hashable, tuple[float, Answer]]] = OrderedDict()

    @property
    def keeps(self) -> bool:
        """Tell whether anything is kept at all."""
        return self._per_company > 0 and self.seconds > 0

    def get(self, company: int, key: Hashable) -> Answer | None:
        """Return the answer kept for a key, None where there is none or it is too old."""
        with self._lock:
            answers = self._companies.get(company)
            kept = answers.get(key) if answers else None
            if answers is None or kept is None or self._clock() - kept[0] >= self.seconds:
                return None
            self._companies.move_to_end(company)
            answers.move_to_end(key)
            return kept[1]

    def put(self, company: int, key: Hashable, answer: Answer) -> None:
        """Keep an answer."""
        if not self.keeps:
            return
        with self._lock:
            answers = self._companies.setdefault(company, OrderedDict())
            answers[key] = (self._clock(), answer)
            answers.move_to_end(key)
            self._companies.move_to_end(company)
            while len(answers) > self._per_company:
                answers.popitem(last=False)
            while len(self._companies) > COMPANIES:
                self._companies.popitem(last=False)
