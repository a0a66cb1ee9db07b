"""Classifies everyday tickets with the company's cascade, with the serving head and with a new one."""

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from io import StringIO

from model_kit.encoder import Encoder

from ai_service.adapters.local.classifier.examples import LabelInfo
from ai_service.adapters.local.classifier.head import Head
from ai_service.adapters.local.classifier.stages import TrainedStage, ZeroShotStage
from ai_service.adapters.local.classifier.zero_shot import zero_shot_classifier
from ai_service.domain.departments import GENERAL, Department, Departments
from ai_service.domain.everyday import ClassifiedTicket, Comparison, EverydayTicket, classify_all
from ai_service.domain.ticket_text import TicketText


@cache
def everyday_tickets() -> tuple[EverydayTicket, ...]:
    """Return the everyday tickets that are part of this service: 60, twelve of each seeded department."""
    file = files("ai_service.adapters.local.classifier") / "everyday_tickets.csv"
    return tuple(
        EverydayTicket(row["department"], row["language"], TicketText(row["title"], row["description"]))
        for row in csv.DictReader(StringIO(file.read_text(encoding="utf-8")))
    )


def compare(
    serving: Head | None,
    new: Head | None,
    labels: Sequence[LabelInfo],
    encoder: Encoder,
    threshold: float | None = None,
) -> Comparison:
    """Classify the everyday tickets with the serving head, if any, and with the new one, if any.

    `threshold` is the company's own, as in the settings of its cascade.
    """
    departments = Departments(tuple(Department(each.name, each.description) for each in labels))
    described = [each for each in labels if each.name != GENERAL]
    last = ZeroShotStage(zero_shot_classifier(described, encoder), encoder) if described else None

    def read(head: Head | None) -> tuple[ClassifiedTicket, ...]:
        own = [TrainedStage(head, encoder, threshold, last)] if head is not None else []
        return classify_all(everyday_tickets(), departments, own, last)

    before = read(serving)
    untrained = () if serving is None else read(None)
    return Comparison(before, before if new is None else read(new), untrained)
