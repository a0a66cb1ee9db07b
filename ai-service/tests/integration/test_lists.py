"""Lists of rules, models, trainings and evaluations are read in pages."""

import pytest

from ..conftest import RULES, Api, Rows

FILL = {
    RULES: (
        "insert into priority_rules (company_id, name, words, priority, position, active)"
        " select company, 'R' || n, '{x}', 'low', n %% 3, true from generate_series(1, 30) n,"
        " (values (1), (2)) c (company) returning id"
    ),
    "/api/models": (
        "insert into models (company_id, version, run_id, created_at, examples, encoder, head)"
        # Several of one moment: the version decides between them.
        " select company, 'v' || n, n, timestamptz '2026-01-01' + n / 4 * interval '1 day', 9, 'x', ''"
        " from generate_series(1, 30) n, (values (1), (2)) c (company) returning 1"
    ),
    "/api/training": (
        "insert into training_runs (company_id, state, asked_by)"
        " select company, 'kept', 'Özlem' from generate_series(1, 30) n, (values (1), (2)) c (company) returning id"
    ),
    "/api/evaluation": (
        "insert into evaluations (company_id, kind, name, state, asked_by, plan)"
        " select company, 'file', 'N' || n, 'done', 'Özlem', '{}' from generate_series(1, 30) n,"
        " (values (1), (2)) c (company) returning id"
    ),
}
KEY = {"/api/models": "version"}


@pytest.mark.parametrize("path", FILL)
def test_pages_hold_every_row_of_the_company_once_and_in_one_order(api: Api, rows: Rows, path: str) -> None:
    rows(FILL[path])
    key = KEY.get(path, "id")
    assert api.get(path)["count"] == 25
    whole = [each[key] for each in api.every(f"{path}?limit=100")]
    assert len(set(whole)) == len(whole) == 30
    assert [each[key] for each in api.every(f"{path}?limit=7")] == whole


def test_models_trainings_and_evaluations_come_newest_first(api: Api, rows: Rows) -> None:
    for statement in FILL.values():
        rows(statement)
    made = [each["created_at"] for each in api.every("/api/models?limit=9")]
    assert made == sorted(made, reverse=True)
    for path in ("/api/training", "/api/evaluation"):
        numbers = [each["id"] for each in api.every(f"{path}?limit=9")]
        assert numbers == sorted(numbers, reverse=True)


def test_rules_come_in_the_order_in_which_they_are_asked(api: Api, rows: Rows) -> None:
    rows(FILL[RULES])
    order = [(each["position"], each["id"]) for each in api.every(f"{RULES}?limit=4")]
    assert order == sorted(order)


@pytest.mark.parametrize("path", FILL)
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=W10", "cursor"),
        ("page=1", "page"),
    ],
)
def test_a_page_that_makes_no_sense_is_refused_by_name(api: Api, path: str, query: str, field: str) -> None:
    response = api.call("GET", f"{path}?{query}")
    assert (response.status_code, [error["field"] for error in response.json["errors"]]) == (400, [field])
