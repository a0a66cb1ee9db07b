"""The local model in the cascade: zero-shot on the first day, trained later, or absent."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ai_service.adapters.claude.testing import MessagesApi
from ai_service.adapters.local.classifier.examples import Example, LabelInfo
from ai_service.adapters.local.classifier.head import Head
from ai_service.adapters.local.classifier.storage import pack
from ai_service.adapters.local.classifier.training import train
from ai_service.domain.departments import SEEDED
from ai_service.store import models
from ai_service.store.models import Model
from model_kit.claude.testing import Status
from model_kit.encoder import OnnxEncoder
from model_kit.local import LocalEncoder
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text

from ..conftest import Api, Rows, World, eventually

DESCRIPTIONS = {
    "IT Support": "Hardware, software, network, passwords, accounts and access to systems",
    "HR": "Leave, payroll questions, benefits, hiring, training and everything about employment",
    "Facilities": "Buildings, rooms, heating and cooling, furniture, cleaning, parking and keys",
    "Finance": "Invoices, payments, expenses, refunds, budgets and purchase orders",
    "General": "Everything that belongs to no other department",
}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
THINGS = {
    # What these people decided is not what the words say: only a head that learnt it can know.
    "Facilities": ("My laptop's screen is dark", "The VPN refuses my password", "The printer eats paper"),
    "Finance": ("My payslip is wrong", "I need a day of leave", "Who trains the new colleagues?"),
}


@pytest.fixture(scope="module")
def head(encoder: OnnxEncoder) -> Head:
    examples = [
        Example(str(number), f"{text}, case {number}.", label, NOW + timedelta(minutes=number))
        for label, texts in THINGS.items()
        for number, text in enumerate(texts * 15)
    ]
    return train(examples, [LabelInfo(name) for name in SEEDED], encoder)


@pytest.fixture
def api(make_api: Callable[..., Api], encoder_folder: Path, made: ServiceDatabase) -> Api:
    api = make_api(MODELS_DIR=str(encoder_folder.parent))
    describe(made)
    return api


def describe(made: ServiceDatabase) -> None:
    """Replicate the departments of the demo company."""
    rows = [
        {"id": number, "name": name, "description": DESCRIPTIONS[name]} for number, name in enumerate(DESCRIPTIONS, 1)
    ]
    insert = text(
        "insert into departments (company_id, department_id, name, description, is_active, revision)"
        " values (1, :id, :name, :description, true, 1)"
        " on conflict (company_id, department_id) do nothing"
    )
    with made.database.session(1) as session, session.begin():
        session.execute(insert, rows)


def keep(made: ServiceDatabase, head: Head, data: bytes | None = None, *, company: int = 1, serve: bool = True) -> None:
    model = Model(head.version, 1, NOW, False, None, head.examples, head.encoder, None)
    with made.database.session(company) as session, session.begin():
        models.add(session, company, model, pack(head) if data is None else data)
        if serve:
            models.serve(session, company, head.version)


def ask(api: Api, title: str, description: str = "") -> dict[str, Any]:
    response = api.categorize({"title": title, "description": description})
    assert response.status_code == 200, response.text
    return dict(response.json)


def test_keywords_outrank_the_zero_shot_classifier(api: Api) -> None:
    result = ask(api, "vpn password")
    assert (result["department"], result["confidence_score"], result["decided_by"]) == ("IT Support", 70, "keywords")


def test_without_a_keyword_the_zero_shot_classifier_decides(api: Api, make_api: Callable[..., Api]) -> None:
    assert ask(make_api(), "Somebody took money off my card")["decided_by"] == "keywords"
    result = ask(api, "Somebody took money off my card")
    assert (result["department"], result["decided_by"], result["model"]) == ("Finance", "bert", "cold")
    assert 40 <= result["confidence_score"] <= 60
    assert not result["need_admin"]


@pytest.mark.parametrize("title", ["zzz", "asdf qwertz", "🙃", "?", "lorem ipsum"])
def test_a_text_that_resembles_nothing_waits_for_a_person(api: Api, title: str) -> None:
    result = ask(api, title)
    assert (result["department"], result["confidence_score"], result["need_admin"]) == ("General", 30, True)


def test_a_trained_model_outranks_the_keywords_without_a_restart(api: Api, made: ServiceDatabase, head: Head) -> None:
    question = "The VPN refuses my password, case 99."
    assert ask(api, question)["department"] == "IT Support"
    keep(made, head)
    result = ask(api, question)
    assert (result["department"], result["decided_by"], result["model"]) == ("Facilities", "bert", head.version)
    assert result["confidence_score"] > 80
    assert "like the tickets" in result["reason"]
    with made.database.session(1) as session, session.begin():
        models.serve(session, 1, None)
    assert ask(api, question)["department"] == "IT Support"


@pytest.mark.parametrize(
    ("title", "department", "decided_by"),
    [
        ("The toilet is leaking", "Facilities", "keywords"),
        ("Reset my password, the VPN is down", "IT Support", "keywords"),
        ("Somebody took money off my card", "Finance", "bert"),
    ],
)
def test_after_an_abstention_of_the_trained_head_the_next_classifier_decides(
    api: Api, made: ServiceDatabase, head: Head, title: str, department: str, decided_by: str
) -> None:
    before = ask(api, title)
    keep(made, head)
    result = ask(api, title)
    assert (result["department"], result["need_admin"], result["decided_by"]) == (department, False, decided_by)
    assert result["confidence_score"] == before["confidence_score"]


def test_where_no_classifier_is_confident_the_ticket_waits_for_a_person(
    api: Api, made: ServiceDatabase, head: Head
) -> None:
    keep(made, head)
    result = ask(api, "Zebras graze beside the violin")
    assert (result["department"], result["need_admin"], result["decided_by"]) == ("General", True, "bert")
    assert "trained on too few different tickets" in result["reason"]


def test_a_head_serves_only_its_company(api: Api, made: ServiceDatabase, head: Head) -> None:
    keep(made, head)
    assert ask(Api(api.client, company=2), "The VPN refuses my password, case 99.")["department"] == "IT Support"


@pytest.mark.parametrize("data", [b"", b"not a head", b"\x00" * 1_000])
def test_a_damaged_model_is_skipped(api: Api, made: ServiceDatabase, head: Head, data: bytes) -> None:
    keep(made, head, data)
    assert ask(api, "vpn password")["department"] == "IT Support"


def test_a_head_for_another_encoder_is_not_used(api: Api, made: ServiceDatabase, head: Head) -> None:
    from dataclasses import replace

    keep(made, replace(head, encoder="another", version="strange"))
    assert ask(api, "The VPN refuses my password, case 99.")["department"] == "IT Support"


def test_a_model_that_becomes_ready_is_used_without_a_restart(tmp_path: Path, encoder_folder: Path) -> None:
    now = [0.0]
    local = LocalEncoder(tmp_path / "encoder", clock=lambda: now[0])
    assert not local.ready()
    shutil.copytree(encoder_folder, tmp_path / "encoder")
    assert not local.ready()  # it looks every few seconds only
    now[0] = 60.0
    assert local.ready()
    assert local.embed(["a", "b", "a"]).shape == (3, local.dimensions)


def test_a_text_s_vector_is_the_same_from_memory(encoder_folder: Path) -> None:
    local = LocalEncoder(encoder_folder)
    assert local.ready()
    first = local.embed(["one text", "another"])
    assert (local.embed(["another", "one text"]) == first[::-1]).all()


def test_a_ticket_s_event_carries_the_figures_and_the_team(
    make_world: Callable[..., World], encoder_folder: Path, made: ServiceDatabase, rows: Rows
) -> None:
    world = make_world(MODELS_DIR=str(encoder_folder.parent))
    describe(made)
    for number, name, description in ((7, "Network", "vpn, wifi"), (8, "Payroll", "salaries")):
        world.send("team.created", subject=f"team:1:{number}", team_id=number, name=name, description=description)
    eventually(lambda: len(rows("select 1 from teams where is_active")) == 2)
    world.ticket(1, "wifi down")
    world.ticket(2, "Somebody took money off my card")
    by_ticket = {each["ticket_id"]: each for each in world.categorized(2)}
    assert by_ticket[1]["assigned_team_id"] == 7
    assert by_ticket[1]["similarity_score"] > 0.5
    assert by_ticket[1]["bert_category"] is None  # the words decided
    assert (by_ticket[2]["bert_category"], by_ticket[2]["assigned_team_id"]) == ("Finance", None)
    assert 0.5 <= by_ticket[2]["bert_confidence"] <= 1.0


def analyze(api: Api, text: str, company: Any = 1) -> Any:
    return api.call("POST", "/api/analyze", {"description": text, "company_id": company})


def test_analyze_names_the_team_whose_description_a_text_resembles(api: Api, made: ServiceDatabase) -> None:
    with made.database.session(1) as session, session.begin():
        session.execute(
            text(
                "insert into teams (company_id, team_id, name, description, department, is_active, revision)"
                " values (1, 7, 'Network', 'vpn, wifi', null, true, 1), (1, 8, 'Pay', '', null, true, 1)"
            )
        )
    result = analyze(api, "wifi down").json
    assert result["category"] == "IT Support"
    assert result["team_assignment"]["assigned_team_id"] == 7
    assert not result["team_assignment"]["need_admin"]
    gibberish = analyze(api, "zzz blargh").json["team_assignment"]
    assert (gibberish["assigned_team_id"], gibberish["need_admin"]) == (None, True)


def test_analyze_returns_the_priority(api: Api) -> None:
    assert analyze(api, "Terrible, awful outage").json["priority"] == "high"
    assert analyze(api, "great, thank you").json["priority"] == "low"


def test_analyze_without_a_local_model_still_answers(make_api: Callable[..., Api]) -> None:
    result = analyze(make_api(), "vpn password").json
    assert result["category"] == "IT Support"
    assert set(result["team_assignment"].values()) == {None, False}


def test_analyze_answers_404_for_another_company(api: Api) -> None:
    refused = analyze(api, "wifi down", company=2)
    assert (refused.status_code, refused.json["code"]) == (404, "company_not_found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"company_id": 1}, "description"),
        ({"description": "a"}, "company_id"),
        ({"description": " ", "company_id": 1}, "description"),
        ({"description": "a", "company_id": "x"}, "company_id"),
        ({"description": "a", "company_id": 1, "more": 1}, "more"),
    ],
)
def test_analyze_names_the_field_that_is_wrong(api: Api, body: dict[str, Any], field: str) -> None:
    refused = api.call("POST", "/api/analyze", body)
    assert refused.status_code == 400
    assert [each["field"] for each in refused.json["errors"]] == [field]


def test_local_first_saves_calls_and_claude_reads_the_abstentions(
    make_api: Callable[..., Api], claude: MessagesApi, encoder_folder: Path, made: ServiceDatabase, head: Head
) -> None:
    keys = {"ANTHROPIC_API_KEY": "sk-ant-test", "ANTHROPIC_BASE_URL": claude.url}
    api = make_api(MODELS_DIR=str(encoder_folder.parent), **keys)
    describe(made)
    keep(made, head)
    question = "The VPN refuses my password, case 99."
    assert ask(api, question)["decided_by"] == "claude"
    api.call("PUT", "/api/ai/settings", {"order": "local_first"})
    result = ask(api, question)
    assert (result["department"], result["decided_by"], result["cached"]) == ("Facilities", "bert", False)
    assert len(claude.requests) == 1
    assert ask(api, "zzz")["decided_by"] == "claude"
    claude.always(Status(400))
    result = ask(api, "qwertz")
    assert (result["department"], result["decided_by"], result["need_admin"]) == ("General", "bert", True)
