"""A training on imported tickets doesn't classify everyday tickets worse."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ai_service.adapters.local.classifier import storage, training_job
from ai_service.adapters.local.classifier.everyday import everyday_tickets
from ai_service.adapters.local.classifier.examples import LabelInfo
from ai_service.adapters.local.classifier.stages import TrainedStage, ZeroShotStage
from ai_service.adapters.local.classifier.zero_shot import zero_shot_classifier
from ai_service.domain.cascade import ClassifierCascade
from ai_service.domain.departments import GENERAL, SEEDED, Department, Departments
from ai_service.domain.ticket_text import TicketText
from model_kit.encoder import Encoder
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, World
from ..unit.classifier.word_encoder import WordEncoder
from .test_training import teach_these, training_of

HR = (
    "My payslip for {month} shows the wrong leave balance, staff number {number}",
    "Please correct the leave balance on payslip {number}, it was right in {month}. {name}",
    "{name} asks how many days of leave balance are left after {month}",
    "Payslip {month}: bank account of {name} is the old one, number {number}",
    "The portal lists {number} hours of leave balance, the payslip of {month} does not. Regards, {name}",
)
FINANCE = (
    "Invoice {number} of {month} was wrong, please refund it to {name}",
    "Refund for invoice {number} has not arrived, {name} paid in {month}",
    "{name} wants a refund: invoice {number} was issued twice",
    "Credit note for invoice {number} from {month} and the refund of the rest",
    "Supplier {name} sent invoice {number} again in {month}",
)
REAL_TICKETS = Path(__file__).parents[4] / "shared/data/it_topic_groups/topic_group_first3806.csv"
"""Real tickets with topics, which are not part of this project (docs/models.md, "IT tickets")."""
TOPICS = {"Hardware": "IT Support", "HR Support": "HR"}
MONTHS = ("January", "March", "May", "July", "September", "November")
NAMES = ("Anna", "Björn", "Chidi", "Dilek", "Elif", "Farah", "Goran", "Hye-jin", "Inés", "João")
EVERYDAY = (
    ("VPN down, reset my password", "IT Support"),
    ("The toilet on the third floor is leaking", "Facilities"),
    ("Our invoice was charged twice", "Finance"),
    ("Elevator stuck, heating cold in room 4", "Facilities"),
    ("Laptop screen is black after the Windows update", "IT Support"),
    ("How many vacation days do I have left this year?", "HR"),
    ("Feedback about the picnic", "General"),
)
DESCRIPTIONS = {
    "IT Support": "Hardware, software, network, passwords, accounts and access to systems",
    "HR": "Leave, payroll questions, benefits, hiring, training and everything about employment",
    "Facilities": "Buildings, rooms, heating and cooling, furniture, cleaning, parking and keys",
    "Finance": "Invoices, payments, expenses, refunds, budgets and purchase orders",
    "General": "Everything that belongs to no other department",
}


def of_two_departments(number: int) -> list[tuple[str, str]]:
    """Return real tickets of two topics as an import of IT Support and HR alone."""
    with REAL_TICKETS.open(encoding="utf-8", newline="") as file:
        rows = [
            (row["Document"], TOPICS[row["Topic_group"]])
            for row in csv.DictReader(file)
            if row["Topic_group"] in TOPICS
        ]
    return Random(7).sample(rows, number)


def short_tickets() -> list[tuple[str, TicketText]]:
    """Return short tickets with their departments; "" for those that need a person."""
    with (Path(__file__).parents[1] / "short_tickets.csv").open(encoding="utf-8", newline="") as file:
        return [(row["expected"], TicketText(row["title"], row["description"])) for row in csv.DictReader(file)]


def imported(number: int, *, hr: float = 0.5, templates: int = 5, seed: int = 1) -> list[tuple[str, str]]:
    """Return an import from an old system: a few templates, filled in many times."""
    random = Random(seed)
    found = []
    for _ in range(number):
        label, texts = ("HR", HR) if random.random() < hr else ("Finance", FINANCE)
        text = random.choice(texts[:templates])
        filled = text.format(month=random.choice(MONTHS), number=random.randint(1, 9_999), name=random.choice(NAMES))
        found.append((filled, label))
    return found


IMPORTS: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "400 rows of two templates": lambda: imported(400, templates=1),
    "400 rows of ten templates": lambda: imported(400),
    "30 rows": lambda: imported(30),
    "lopsided": lambda: imported(300, hr=0.95),
    "one department": lambda: imported(120, hr=1.0),
}


def trained(folder: Path, rows: Sequence[tuple[str, str]], encoder: Encoder) -> dict[str, Any]:
    content = {
        "fine_tune": {"min_labels": 0, "seconds": 1.0},
        "target_precision": 0.9,
        "labels": [{"name": name, "description": DESCRIPTIONS[name]} for name in SEEDED],
        "teams": [],
        "examples": [
            {
                "subject": str(place),
                "text": text,
                "label": label,
                "at": f"2026-01-{place // 1440 + 1:02}T00:00:00+00:00",
            }
            for place, (text, label) in enumerate(rows)
        ],
    }
    (folder / "job.json").write_text(json.dumps(content))
    return training_job.run(folder, encoder)


@pytest.mark.parametrize("rows", IMPORTS)
def test_everyday_tickets_are_no_worse_after_a_training(tmp_path: Path, encoder: Encoder, rows: str) -> None:
    everyday = trained(tmp_path, IMPORTS[rows](), encoder)["everyday"]
    assert everyday["tickets"] == 60
    assert everyday["before"]["correct"] >= 30
    assert everyday["after"]["correct"] >= everyday["before"]["correct"], everyday["changed"]
    assert everyday["after"]["misrouted"] <= everyday["before"]["misrouted"], everyday["changed"]


@pytest.mark.parametrize("rows", IMPORTS)
def test_everyday_tickets_are_no_worse_with_a_simple_encoder(tmp_path: Path, rows: str) -> None:
    everyday = trained(tmp_path, IMPORTS[rows](), WordEncoder())["everyday"]
    assert everyday["after"]["correct"] >= everyday["before"]["correct"], everyday["changed"]
    assert everyday["after"]["misrouted"] <= everyday["before"]["misrouted"], everyday["changed"]


@pytest.mark.skipif(not REAL_TICKETS.exists(), reason="the public tickets are not here")
def test_a_head_of_two_departments_takes_no_ticket_of_another_and_no_greeting(tmp_path: Path, encoder: Encoder) -> None:
    trained(tmp_path, of_two_departments(400), encoder)
    head = storage.unpack((tmp_path / "head.bin").read_bytes())
    labels = [LabelInfo(name, DESCRIPTIONS[name]) for name in SEEDED]
    departments = Departments(tuple(Department(each.name, each.description) for each in labels))
    last = ZeroShotStage(zero_shot_classifier([each for each in labels if each.name != GENERAL], encoder), encoder)
    with_head = [TrainedStage(head, encoder, None, last)]
    lost = []
    for expected, text in short_tickets():
        before, after = (
            ClassifierCascade().decide(text, departments, own, last).classification for own in ([], with_head)
        )
        was_fine = before.need_admin or before.department == expected
        is_fine = (after.need_admin and before.need_admin) or after.department == expected
        if was_fine and not is_fine:
            lost.append((text.description, after))
    # "my company card got lost on the train", and "I need new business cards" on processors without VNNI, whose
    # eight-bit products round otherwise; 12 without the second opinion.
    assert len(lost) <= 2, lost


def test_a_model_that_makes_everyday_tickets_worse_is_kept_back_with_the_reason(tmp_path: Path) -> None:
    # People of this company put whatever concerns machines and rooms into Finance, and all else into HR.
    moved = {"IT Support": "Finance", "Facilities": "Finance"}
    rows = [
        (f"{each.text.title}\n{each.text.description} Thanks, {name}", moved.get(each.department, "HR"))
        for name in NAMES
        for each in everyday_tickets()
    ]
    report = trained(tmp_path, rows, WordEncoder())
    assert report["near_duplicates"]["evaluation"]["accuracy"] > 0.9
    assert report["state"] == "kept"
    assert report["reasons"] == report["everyday"]["regressions"]
    for department in ("IT Support", "Facilities", "Finance", "General"):
        assert any(f"everyday tickets of {department} " in reason for reason in report["reasons"])
    assert {each["after"]["department"] for each in report["everyday"]["changed"]} == {"Finance", "HR"}
    assert (tmp_path / "head.bin").exists()  # a person may promote it


def test_the_api_classifies_everyday_tickets_the_same_after_a_training(
    make_world: Callable[..., World], make_api: Callable[..., Api], made: ServiceDatabase, encoder_folder: Path
) -> None:
    local = {"MODELS_DIR": str(encoder_folder.parent)}
    make_world(**local)
    api = make_api(**local)

    def decisions() -> list[tuple[str, bool]]:
        answers = [api.categorize({"title": title, "description": ""}).json for title, _ in EVERYDAY]
        return [(each["department"], each["need_admin"]) for each in answers]

    expected = [(department, False) for _, department in EVERYDAY]
    assert decisions() == expected
    rows = imported(200, templates=1)
    teach_these(made, rows)
    run = training_of(api)
    assert run["state"] == "promoted", run["report"]["reasons"]
    assert run["report"]["evaluation"] is None  # nothing but near duplicates was held out
    assert run["report"]["near_duplicates"]["evaluation"]["examples"] == run["report"]["near_duplicates"]["held_out"]
    assert [each["title"] for each in run["report"]["everyday"]["changed"]] == []
    assert decisions() == expected
    learnt = api.categorize({"title": rows[0][0], "description": ""}).json
    assert learnt["decided_by"] == "bert"
    [shown] = api.call("GET", "/api/training").json["items"]
    assert shown["report"]["everyday"]["tickets"] == 60
