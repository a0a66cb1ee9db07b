"""Analyses of tickets and of texts by API trigger a training."""

from collections.abc import Callable

from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Rows, World, eventually
from .test_training import teach

NOTHING_NEW = "there is nothing new to learn: people have decided about no ticket since the last training"
RUNS = "select state, asked_by, report -> 'reasons' ->> 0 from training_runs order by id"


def test_enough_tickets_trigger_one_training_that_ends_without_new_labels(
    make_world: Callable[..., World], made: ServiceDatabase, rows: Rows
) -> None:
    world = make_world(ANALYZE_TRAINING_THRESHOLD="3")
    for ticket in range(1, 4):
        world.ticket(ticket, "A title")
        world.categorized(ticket)
    eventually(lambda: rows(RUNS) == [("kept", "threshold", NOTHING_NEW)])
    assert rows("select analyses from learning") == [(0,)]
    for ticket in range(4, 8):
        world.ticket(ticket, "A title")
        world.categorized(ticket)
    assert rows("select analyses from learning") == [(4,)]
    assert len(rows(RUNS)) == 1  # the next one waits for something new
    teach(made, 6, first=100)
    world.ticket(8, "A title")
    eventually(lambda: [row[:2] for row in rows(RUNS)] == [("kept", "threshold")] * 2)
    assert "no local model" in rows(RUNS)[1][2]
    assert rows("select analyses from learning") == [(0,)]


def analyze(api: Api, text: str) -> None:
    assert api.call("POST", "/api/analyze", {"description": text, "company_id": 1}).status_code == 200


def test_texts_analyzed_by_api_count_towards_the_next_training(
    make_world: Callable[..., World], make_api: Callable[..., Api], made: ServiceDatabase, rows: Rows
) -> None:
    make_world()
    api = make_api(ANALYZE_TRAINING_THRESHOLD="3")
    other = Api(api.client, company=2)
    for number, text in enumerate(("vpn down", "Mein Gehalt fehlt", "vpn down")):
        assert api.call("GET", "/api/training").json["analyses"] == number
        analyze(api, text)
    assert other.call("GET", "/api/training").json["analyses"] == 0
    eventually(lambda: rows(RUNS) == [("kept", "threshold", NOTHING_NEW)])
    [run] = api.call("GET", "/api/training").json["items"]
    assert (run["report"]["reasons"], run["error"]) == ([NOTHING_NEW], None)
    teach(made, 6)
    for text in ("toilet leaks", "invoice", "invoice"):
        analyze(api, text)
    eventually(lambda: [row[0] for row in rows(RUNS)] == ["kept", "kept"])
    assert "no local model" in rows(RUNS)[1][2]


def test_a_text_that_was_not_analyzed_does_not_count(make_api: Callable[..., Api]) -> None:
    api = make_api(ANALYZE_TRAINING_THRESHOLD="3")
    for body in ({"description": "vpn", "company_id": 2}, {"description": " ", "company_id": 1}, {"company_id": 1}):
        assert api.call("POST", "/api/analyze", body).status_code in (400, 404)
    assert api.categorize({"title": "vpn", "description": ""}).status_code == 200
    assert api.call("GET", "/api/training").json["analyses"] == 0
