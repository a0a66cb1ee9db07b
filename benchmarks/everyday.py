"""What does a training on few departments do to everyday tickets? `python -m benchmarks.everyday`

Eight samples of the IT tickets in the folder that BENCH_DATA names are learnt from, their topics standing for
departments. The cascade without Claude then reads 240 everyday tickets of all departments, and 300 tickets of the
sample's topics that were held out, without the trained head and with it.
"""

import csv
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ai_service.adapters.local.classifier.everyday import everyday_tickets
from ai_service.adapters.local.classifier.examples import LabelInfo
from ai_service.adapters.local.classifier.stages import TrainedStage, ZeroShotStage
from ai_service.adapters.local.classifier.training import train
from ai_service.adapters.local.classifier.zero_shot import zero_shot_classifier
from ai_service.domain.authored_text import authored_text
from ai_service.domain.cascade import ClassifierCascade
from ai_service.domain.departments import GENERAL, SEEDED, Department, Departments
from ai_service.domain.ticket_text import TicketText
from model_kit.encoder import OnnxEncoder
from model_kit.provision import ProvisioningFailed, provision
from threadpoolctl import threadpool_limits

from benchmarks.labelled import TICKETS, NoData, read, shuffled
from benchmarks.report import Row, Table
from benchmarks.triage import ENCODER

Tickets = list[tuple[str, TicketText]]
"""Tickets with the department that each belongs to; "" where a person has to read it."""

DESCRIPTIONS = {
    "IT Support": "Hardware, software, network, passwords, accounts and access to systems",
    "HR": "Leave, payroll questions, benefits, hiring, training and everything about employment",
    "Facilities": "Buildings, rooms, heating and cooling, furniture, cleaning, parking and keys",
    "Finance": "Invoices, payments, expenses, refunds, budgets and purchase orders",
    "General": "Everything that belongs to no other department",
}
IT_HR = {"Hardware": "IT Support", "HR Support": "HR"}
HR_FINANCE = {"HR Support": "HR", "Purchase": "Finance"}
FOUR = {
    **IT_HR,
    **HR_FINANCE,
    "Access": "IT Support",
    "Storage": "IT Support",
    "Administrative rights": "IT Support",
    "Miscellaneous": "General",
}
SAMPLES = (
    ("IT Support and HR", IT_HR, (80, 400, 1_300)),
    ("HR and Finance", HR_FINANCE, (100, 900)),
    ("four departments", FOUR, (300, 1_000, 3_000)),
)
HELD_OUT = 300
TESTS = Path(__file__).parents[1] / "ai-service" / "tests"


def everyday() -> Tickets:
    """Return the tickets that trainings are compared on, and those of the tests, 240 in all."""
    found = [(each.department, each.text) for each in everyday_tickets()]
    for file in (TESTS / "unit" / "everyday_tickets.csv", TESTS / "short_tickets.csv"):
        with file.open(encoding="utf-8", newline="") as rows:
            found += [(row["expected"], TicketText(row["title"], row["description"])) for row in csv.DictReader(rows)]
    return found


def outcomes(tickets: Tickets, departments: Departments, classifiers: Sequence[Any], zero_shot: ZeroShotStage) -> str:
    """Return how many tickets are correct, abstained from and misrouted."""
    counted: Counter[str] = Counter()
    for expected, ticket in tickets:
        text = authored_text(ticket.title, ticket.description)
        answer = ClassifierCascade().decide(text, departments, classifiers, zero_shot).classification
        counted["abstained" if answer.need_admin else "correct" if answer.department == expected else "misrouted"] += 1
    return " / ".join(str(counted[each]) for each in ("correct", "abstained", "misrouted"))


def rows(encoder: OnnxEncoder) -> list[Row]:
    """Train on each sample and count."""
    labels = [LabelInfo(name, DESCRIPTIONS[name]) for name in SEEDED]
    departments = Departments(tuple(Department(each.name, each.description) for each in labels))
    zero_shot = ZeroShotStage(zero_shot_classifier([each for each in labels if each.name != GENERAL], encoder), encoder)
    found = []
    for what, topics, sizes in SAMPLES:
        examples = shuffled([(text, topics[topic]) for text, topic in read(TICKETS) if topic in topics], seed=1)
        for size in sizes:
            learnt, rest = examples[:size], examples[size : size + HELD_OUT]
            head = [TrainedStage(train(learnt, labels, encoder), encoder, None, zero_shot)]
            asked = {"everyday": everyday(), "held out": [(each.label, TicketText(each.text, "")) for each in rest]}
            for kind, tickets in asked.items():
                untrained, trained = (outcomes(tickets, departments, one, zero_shot) for one in ([], head))
                found.append(Row(f"{what}, {size:,} learnt: {kind}", trained, besides=f"untrained {untrained}"))
    return found


def main() -> Table:
    """Measure with one thread; without the data or the encoder the table says why it is empty."""
    table = Table("Everyday tickets after a training: correct / abstained / misrouted")
    try:
        read(TICKETS)
        provision(ENCODER, "package", install=False, report=lambda text: print(text, file=sys.stderr))
    except (NoData, ProvisioningFailed) as reason:
        table.rows.append(Row("skipped", "not measured", besides=str(reason).splitlines()[0]))
        return table
    with threadpool_limits(1):
        table.rows += rows(OnnxEncoder(ENCODER))
    return table


if __name__ == "__main__":
    main().show()
