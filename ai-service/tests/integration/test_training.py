"""A company's model is trained on the labels of its people."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ai_service.adapters.local.job_process import JobLimits
from ai_service.adapters.local.trainer import Trainer
from ai_service.domain.training import FineTuning
from ai_service.store import examples, models
from ai_service.store.examples import ExampleText, HumanLabel
from ai_service.store.models import Model
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Rows, World, eventually

THINGS = {
    # Not what the words say: only who learnt it can know.
    "Facilities": ("My laptop's screen is dark", "The VPN refuses my password", "The printer eats paper"),
    "Finance": ("My payslip is wrong", "I need a day of leave", "Who trains the new colleagues?"),
}


def routed(
    world: World, ticket: int, department: str, *, by: str = "person", revision: int = 1, company: int = 1
) -> None:
    world.send(
        "ticket.routed", subject=str(ticket), company=company, revision=revision,
        ticket_id=ticket, department=department, decided_by=by,
    )  # fmt: skip


def teach(made: ServiceDatabase, number: int = 240, *, company: int = 1, first: int = 1, day: int = 1) -> None:
    """Insert labelled tickets: six texts, each with many ticket numbers."""
    rows = []
    for place in range(number):
        label = list(THINGS)[place % 2]
        rows.append((f"{THINGS[label][place // 2 % 3]}, case {first + place}.", label))
    teach_these(made, rows, company=company, first=first, day=day)


def teach_these(
    made: ServiceDatabase, rows: Sequence[tuple[str, str]], *, company: int = 1, first: int = 1, day: int = 1
) -> None:
    """Insert texts with labels."""
    texts, decided = [], []
    for place, (text, label) in enumerate(rows):
        at = f"2026-01-{day:02}T{place // 60:02}:{place % 60:02}:00Z"
        texts.append(ExampleText(company, first + place, text, at))
        decided.append(HumanLabel(company, first + place, label, 1))
    with made.database.session(company) as session, session.begin():
        examples.upsert_texts(session, texts)
        examples.upsert_labels(session, decided)


def training_of(api: Api, **wanted: Any) -> dict[str, Any]:
    """Request a training, wait for its end and return it."""
    asked = api.call("POST", "/api/training")
    assert asked.status_code == 202, asked.text
    return ended(api, asked.headers["Location"])


def ended(api: Api, path: str) -> dict[str, Any]:
    eventually(lambda: api.call("GET", path).json["ended_at"] is not None)
    return dict(api.call("GET", path).json)


def ask(api: Api, title: str = "The VPN refuses my password, case 999.") -> tuple[str, str]:
    result = api.categorize({"title": title, "description": ""}).json
    return result["decided_by"], result["department"]


@pytest.fixture
def local(encoder_folder: Path) -> dict[str, str]:
    return {"MODELS_DIR": str(encoder_folder.parent)}


def test_a_persons_routing_labels_the_tickets_text_whichever_comes_first(world: World, rows: Rows) -> None:
    routed(world, 1, "HR", revision=2)
    routed(world, 1, "Finance", revision=1)
    eventually(lambda: bool(rows("select 1 from examples where label is not null")))
    world.ticket(1, "A title", description="and a description")
    world.categorized()
    assert rows("select text, label from examples") == [("A title\nand a description", "HR")]
    routed(world, 1, "Facilities", revision=3)
    eventually(lambda: rows("select label from examples") == [("Facilities",)])


def test_a_machines_routing_is_no_label(world: World, rows: Rows) -> None:
    world.ticket(1, "A title")
    world.categorized()
    routed(world, 1, "HR", by="keywords")
    routed(world, 2, "HR")
    eventually(lambda: rows("select ticket_id, label from examples where label is not null") == [(2, "HR")])
    # it leaves no trace either: of two events one was noted
    assert rows("select count(*) from inbox where queue = 'ai-service.learn'") == [(1,)]


def test_a_deleted_ticket_is_no_example_and_stays_deleted(world: World, rows: Rows) -> None:
    world.ticket(1, "secret text")
    world.categorized()
    routed(world, 1, "HR")
    eventually(lambda: rows("select label from examples") == [("HR",)])
    world.send("ticket.deleted", subject="1", ticket_id=1)
    eventually(lambda: rows("select count(*) from examples") == [(0,)])
    routed(world, 1, "Finance", revision=2)
    routed(world, 2, "Finance")
    eventually(lambda: rows("select ticket_id from examples") == [(2,)])


def test_a_trained_model_is_evaluated_and_serves_without_a_restart(
    make_world: Callable[..., World], make_api: Callable[..., Api], made: ServiceDatabase, local: dict[str, str]
) -> None:
    make_world(**local)
    api = make_api(**local)
    teach(made)
    assert ask(api) == ("keywords", "IT Support")
    run = training_of(api)
    assert (run["state"], run["error"]) == ("promoted", None), run
    figures = run["report"]["near_duplicates"]["evaluation"]
    assert figures["examples"] == 48
    assert figures["accuracy"] > 0.9
    # All that was held out is a near duplicate of what was learnt, so nothing is known about other texts.
    assert run["report"]["evaluation"] is None
    assert ask(api) == ("bert", "Facilities")
    assert ask(Api(api.client, company=2)) == ("keywords", "IT Support")

    shown = api.call("GET", "/api/models").json
    assert shown["encoder"].startswith("all-MiniLM-L6-v2")
    [model] = shown["items"]
    assert model["serving"]
    assert model["version"] == run["version"]
    status = api.call("GET", "/api/training/status").json
    assert (status["model_version"], status["is_training"], status["last_error"]) == (run["version"], False, None)

    assert api.call("POST", "/api/models/rollback").json == {"serving": None}
    assert ask(api) == ("keywords", "IT Support")
    assert api.call("POST", "/api/models/rollback").status_code == 409
    assert api.call("POST", f"/api/models/{run['version']}/promote").json["serving"]
    assert ask(api) == ("bert", "Facilities")


def test_two_trainings_are_evaluated_on_the_same_held_out_tickets(
    make_world: Callable[..., World],
    make_api: Callable[..., Api],
    made: ServiceDatabase,
    local: dict[str, str],
    rows: Rows,
) -> None:
    make_world(**local)
    api = make_api(**local)
    teach(made)
    assert training_of(api)["report"]["held_out"] == 48
    held_out = "select ticket_id from examples where held_out order by ticket_id"
    before = rows(held_out)
    assert before == [(ticket,) for ticket in range(193, 241)]
    assert rows("select count(*) from examples where held_out = false") == [(192,)]
    teach(made, 10, first=1_000, day=2)
    again = training_of(api)
    assert rows(held_out) == [*before, (1_008,), (1_009,)]
    assert (again["report"]["held_out"], again["examples"]) == (50, 250)
    figures = again["report"]["near_duplicates"]
    assert figures["serving"]["examples"] == figures["evaluation"]["examples"] == 50


def test_too_few_tickets_are_reported(
    make_world: Callable[..., World], make_api: Callable[..., Api], made: ServiceDatabase, local: dict[str, str]
) -> None:
    make_world(**local)
    teach(made, 20)
    run = training_of(make_api(**local))
    assert run["state"] == "kept"
    assert "too few" in run["report"]["reasons"][0]


def test_a_training_without_a_local_model_reports_that(
    make_world: Callable[..., World], make_api: Callable[..., Api], made: ServiceDatabase
) -> None:
    make_world()
    teach(made, 20)
    run = training_of(make_api())
    assert (run["state"], run["report"]["reasons"]) == ("kept", ["there is no local model to train a head for"])


def test_a_failed_training_stores_its_error_and_changes_nothing_else(
    make_world: Callable[..., World], make_api: Callable[..., Api], made: ServiceDatabase, tmp_path: Path
) -> None:
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / "manifest.json").write_text("{}")
    make_world(MODELS_DIR=str(tmp_path), EMBEDDINGS_MODEL=str(tmp_path))
    api = make_api(MODELS_DIR=str(tmp_path))
    teach(made, 20)
    run = training_of(api)
    assert run["state"] == "failed"
    assert "NotReady" in run["error"]
    assert api.call("GET", "/api/training/status").json["last_error"] == run["error"]
    assert ask(api) == ("keywords", "IT Support")


def test_a_training_that_takes_too_long_is_ended(made: ServiceDatabase, encoder_folder: Path, rows: Rows) -> None:
    made.clean()
    teach(made, 50)
    outcome = Trainer(
        made.database,
        encoder_folder,
        limits=JobLimits(0.3, 0),
        fine_tuning=FineTuning(0, 1.0),
        export=lambda _company, _told: {},
    ).train(1, 1)
    assert (outcome.state, outcome.error) == ("failed", "the job did not end within 0 s")


def test_one_training_at_a_time(make_api: Callable[..., Api]) -> None:
    api = make_api()
    assert api.call("POST", "/api/training").status_code == 202
    again = api.call("POST", "/api/training")
    assert (again.status_code, again.json["code"]) == (409, "training_under_way")
    assert api.call("GET", "/api/training/status").json["is_training"]
    assert Api(api.client, company=2).call("POST", "/api/training").status_code == 202


def test_a_training_requested_twice_with_one_key_is_one(make_api: Callable[..., Api], rows: Rows) -> None:
    api = make_api()
    first, second = (api.call("POST", "/api/training", Idempotency_Key="k1") for _ in range(2))
    assert (first.status_code, second.status_code, second.json) == (202, 202, first.json)
    assert second.headers["Location"] == first.headers["Location"]
    assert rows("select count(*) from training_runs") == [(1,)]
    assert api.call("POST", "/api/training", Idempotency_Key="k2").status_code == 409


def test_a_rollback_sent_twice_with_one_key_goes_back_one_model(
    make_api: Callable[..., Api], made: ServiceDatabase, rows: Rows
) -> None:
    api = make_api()
    with made.database.session(1) as session, session.begin():
        for version in ("one", "two", "three"):
            models.add(session, 1, Model(version, 1, datetime.now(UTC), False, None, 9, "encoder", None), b"head")
    for version in ("one", "two", "three"):
        path = f"/api/models/{version}/promote"
        first, second = (api.call("POST", path, Idempotency_Key=version) for _ in range(2))
        assert (first.status_code, second.json) == (200, first.json)
    back, again = (api.call("POST", "/api/models/rollback", Idempotency_Key="back") for _ in range(2))
    assert (back.json, again.json) == ({"serving": "two"}, {"serving": "two"})
    assert rows("select version from models where serving") == [("two",)]
    assert rows("select count(*) from outbox where type = 'model.promoted'") == [(4,)]


def test_rollbacks_go_back_to_the_first_serving_model(make_api: Callable[..., Api], made: ServiceDatabase) -> None:
    api = make_api()
    with made.database.session(1) as session, session.begin():
        for version in ("one", "two", "three", "never"):
            models.add(session, 1, Model(version, 1, datetime.now(UTC), False, None, 9, "encoder", None), b"head")
    for version in ("one", "two", "three"):
        assert api.call("POST", f"/api/models/{version}/promote").status_code == 200
    back = [api.call("POST", "/api/models/rollback").json.get("serving", "-") for _ in range(4)]
    assert back == ["two", "one", None, "-"]
    assert api.call("POST", "/api/models/two/promote").json["serving"]
    assert api.call("POST", "/api/models/rollback").json == {"serving": "three"}


def test_unknown_trainings_and_models_are_404(make_api: Callable[..., Api]) -> None:
    api = make_api()
    assert api.call("GET", "/api/training/77").json["code"] == "training_not_found"
    assert api.call("POST", "/api/models/none/promote").json["code"] == "model_not_found"
    assert Api(api.client, role="requester").call("GET", "/api/models").status_code == 403


def test_a_ticket_is_explained(
    make_world: Callable[..., World], make_api: Callable[..., Api], made: ServiceDatabase, local: dict[str, str]
) -> None:
    world, api = make_world(**local), make_api(**local)
    world.ticket(1, "The VPN refuses my password, case 999.")
    world.categorized()
    before = api.call("GET", "/api/tickets/1/explanation").json
    assert (before["prediction"]["decided_by"], before["local"]["model"], before["person_department"]) == (
        "keywords",
        "cold",
        None,
    )
    teach(made, first=100)
    assert training_of(api)["state"] == "promoted"
    routed(world, 1, "Facilities")
    eventually(lambda: api.call("GET", "/api/tickets/1/explanation").json["person_department"] == "Facilities")
    found = api.call("GET", "/api/tickets/1/explanation").json["local"]
    assert found["candidates"][0]["label"] == "Facilities"
    assert {each["label"] for each in found["neighbours"]} == {"Facilities"}
    assert "vpn" in " ".join(each["word"] for each in found["words"])
    assert found["counterfactual"]
    assert api.call("GET", "/api/tickets/2/explanation").status_code == 404
    assert Api(api.client, company=2).call("GET", "/api/tickets/1/explanation").status_code == 404
    assert Api(api.client, role="requester").call("GET", "/api/tickets/1/explanation").status_code == 403
