"""Tuning on a company's saved questions, through HTTP and the worker; passages of before an upgrade."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from rag_service.adapters.vectors import bm25
from rag_service.adapters.vectors.factory import vector_store
from rag_service.domain import tuning
from rag_service.domain.fusion import Fusion, Method
from rag_service.domain.tuning import Case, Choice
from rag_service.ports import VectorsDown
from rag_service.settings import Settings
from rag_service.usecases.renew import RETRY_SECONDS, renewal
from service_kit.database.engine import Database
from service_kit.identity import AGENT, MANAGER, REQUESTER
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Rows, World, eventually

SUBJECTS = {
    "boiler": "The boiler in the cellar is bled every autumn.",
    "parking": "Parking permits are given out at the front desk.",
    "canteen": "The canteen serves lunch from noon until two.",
    "badge": "A lost badge is blocked by the guards.",
    "bicycle": "Bicycles stand in the yard behind the gate.",
    "heating": "The heating is switched off in May.",
}
ALL_FUSIONS = len(tuning.FUSIONS) + 1


@pytest.fixture
def tuned(make_world: Callable[..., World], make_api: Callable[..., Api]) -> Api:
    """A company with six documents, where ten questions are enough."""
    world = make_world(RAG_TUNE_MIN_QUESTIONS="10")
    for name, text in SUBJECTS.items():
        world.upload(f"{name}.md", f"# {name}\n\n{text}\n")
    world.announced("document.ingested", len(SUBJECTS))
    return make_api(RAG_TUNE_MIN_QUESTIONS="10")


def save(api: Api, number: int) -> None:
    names = list(SUBJECTS)
    items = [
        {"question": f"What about the {names[each % 6]}, number {each}?", "expected": [f"{names[each % 6]}.md"]}
        for each in range(number)
    ]
    assert api.call("POST", "/rag/questions", {"items": items}).status_code == 201


def ended(api: Api, body: Any = None) -> Any:
    """Request a tuning and wait for its end."""
    requested = api.call("POST", "/rag/tune", {} if body is None else body)
    assert requested.status_code == 202, requested.text
    number = requested.json["number"]
    eventually(lambda: api.get("/rag/tune")["state"] in ("done", "failed"))
    found = api.get("/rag/tune")
    assert found["number"] == number
    return found


def choosing(monkeypatch: pytest.MonkeyPatch, fusion: Fusion, low: float) -> None:
    """Have the choice end with this fusion and this lower end of the interval."""
    choose = tuning.choose

    def chosen(cases: Sequence[Case], *more: Any) -> Choice:
        return replace(choose(cases, *more), fusion=fusion, low=low)

    monkeypatch.setattr(tuning, "choose", chosen)


def test_a_tuning_shows_its_figures_and_keeps_only_what_is_better(tuned: Api) -> None:
    assert tuned.get("/rag/tune")["state"] == "none"
    save(tuned, 12)
    found = ended(tuned)
    result = found["result"]
    assert found["state"] == "done"
    assert (found["done"], found["total"]) == (12 + ALL_FUSIONS, 12 + ALL_FUSIONS) or found["done"] == found["total"]
    assert (result["groups"], result["folds"], result["k"]) == (6, 5, 10)
    assert len(result["compared"]) == ALL_FUSIONS
    assert result["before"]["ndcg"] > 0.5
    assert result["gain"]["low"] <= result["gain"]["ndcg"] <= result["gain"]["high"]
    assert result["kept"] == (result["fusion"]["name"] != "default" and result["gain"]["low"] > 0)
    assert found["in_use"] == (result["fusion"] if result["kept"] else tuned.get("/rag/tune")["in_use"])
    evaluated = tuned.get("/rag/evaluate")["items"]
    # What is promised as the figure of before is what an evaluation measures.
    assert result["before"]["ndcg"] == pytest.approx(sum(item["ndcg"] for item in evaluated) / len(evaluated))


def test_a_better_fusion_is_used_at_once_and_can_be_taken_back(
    tuned: Api, monkeypatch: pytest.MonkeyPatch, rows: Rows
) -> None:
    save(tuned, 12)
    # Its one word that a document holds is the boiler's; its meaning is nearer to others.
    question = "Where can I eat a warm meal in autumn?"
    before = tuned.found(question)
    choosing(monkeypatch, Fusion(Method.BM25, 0.0), low=0.01)
    found = ended(tuned)
    assert found["in_use"]["method"] == "bm25"
    assert found["result"]["kept"]
    after = tuned.found(question)
    assert before[0]["text"] != SUBJECTS["boiler"]
    assert after[0]["text"] == SUBJECTS["boiler"]
    assert [item["score"] for item in after] == [item["score"] for item in before]
    other = Api(tuned.client, company=2)
    assert other.get("/rag/tune")["in_use"]["method"] == "default"
    assert rows("select company_id from rag.tunings") == [(1,)]
    assert tuned.call("DELETE", "/rag/tune").status_code == 204
    assert tuned.get("/rag/tune")["in_use"]["method"] == "default"
    assert tuned.found(question) == before


def test_a_gain_that_is_not_sure_is_used_only_on_request(tuned: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tuned, 12)
    choosing(monkeypatch, Fusion(Method.DENSE, 1.0), low=-0.01)
    assert ended(tuned)["in_use"]["method"] == "default"
    assert ended(tuned, {"keep": True})["in_use"]["method"] == "dense"
    # A later one that isn't sure leaves what is in use.
    choosing(monkeypatch, Fusion(Method.BM25, 0.0), low=-0.01)
    found = ended(tuned)
    assert (found["in_use"]["method"], found["result"]["fusion"]["method"]) == ("dense", "bm25")


def test_too_few_questions_are_refused_with_the_number_that_is_missing(tuned: Api) -> None:
    save(tuned, 3)
    refused = tuned.call("POST", "/rag/tune", {})
    assert (refused.status_code, refused.json["code"]) == (409, "too_few_questions")
    assert "save 7 more" in refused.json["detail"]
    tuned.call("DELETE", "/rag/questions")
    items = [{"question": f"Where is number {each}?", "expected": ["badge.md"]} for each in range(20)]
    tuned.call("POST", "/rag/questions", {"items": items})
    refused = tuned.call("POST", "/rag/tune", {})
    assert (refused.status_code, refused.json["code"]) == (409, "too_few_questions")
    assert "there are 1" in refused.json["detail"]
    assert tuned.get("/rag/tune")["state"] == "none"


def test_who_may_tune(api: Api) -> None:
    for role, allowed in ((REQUESTER, ()), (AGENT, ("GET",)), (MANAGER, ("GET", "POST", "DELETE"))):
        caller = Api(api.client, role=role)
        for method in ("GET", "POST", "DELETE"):
            refused = caller.call(method, "/rag/tune", {} if method == "POST" else None).status_code == 403
            assert refused == (method not in allowed), (role, method)
    assert api.call("POST", "/rag/tune", {"keep": "yes"}).status_code == 400


def test_passages_of_before_an_upgrade_are_indexed_again(
    world: World,
    made: ServiceDatabase,
    read_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = vector_store(read_settings())
    for name, text in SUBJECTS.items():
        world.upload(f"{name}.md", text)
    world.announced("document.ingested", len(SUBJECTS))
    assert store.outdated(1) == 0
    monkeypatch.setattr(bm25, "INDEX_FORM", bm25.INDEX_FORM + 1)
    assert store.outdated(1) == len(SUBJECTS)
    now = [0.0]
    database = Database(made.url, schema="rag")
    job = renewal(database, store, clock=lambda: now[0])
    put = store.upsert

    def away(*_arguments: Any) -> None:
        raise VectorsDown("away")

    monkeypatch.setattr(store, "upsert", away)
    job()
    assert store.outdated(1) == len(SUBJECTS)
    monkeypatch.setattr(store, "upsert", put)
    job()
    assert store.outdated(1) == len(SUBJECTS), "it tries again too soon"
    now[0] += RETRY_SECONDS + 1
    job()
    assert store.outdated(1) == 0
    assert store.count(1) == len(SUBJECTS)
    database.dispose()
