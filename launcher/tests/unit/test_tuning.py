"""What `smart-ticket rag tune` prints and calls."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from launcher.commands.tuning import tune

DEFAULT = {"name": "default", "method": "default", "weight": None, "k": None}
BM25 = {"name": "bm25 alone", "method": "bm25", "weight": 0.0, "k": None}
DONE = {
    "number": 1, "state": "done", "done": 5, "total": 5, "reason": "The gain's interval is above 0.", "in_use": BM25,
    "result": {
        "fusion": BM25, "kept": True, "groups": 12, "folds": 5, "k": 10,
        "before": {"ndcg": 0.5, "recall": 0.6, "mrr": 0.4}, "after": {"ndcg": 0.75, "recall": 0.8, "mrr": 0.7},
        "gain": {"ndcg": 0.25, "low": 0.125, "high": 0.375},
        "compared": [{"fusion": BM25, "ndcg": 0.76}, {"fusion": DEFAULT, "ndcg": 0.5}],
    },
}  # fmt: skip


class Server:
    """A gateway that is asked once before a tuning is done."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def post(self, _path: str, body: Any) -> Any:
        self.calls.append(("POST", body))
        return DONE | {"state": "requested", "result": None}

    def get_with_retry(self, _path: str) -> Any:
        return DONE

    def get(self, _path: str) -> Any:
        return {"state": "none", "result": None, "reason": None, "in_use": DEFAULT}

    def call(self, method: str, _path: str) -> None:
        self.calls.append((method, None))


def run(*arguments: str) -> tuple[str, int, Server]:
    server = Server()
    done = CliRunner().invoke(tune, arguments, obj={"gateway": server})
    return done.output, done.exit_code, server


def test_a_tuning_shows_its_gain_with_its_interval_and_what_is_in_use() -> None:
    output, code, server = run("--keep")
    assert code == 0, output
    assert server.calls == [("POST", {"keep": True})]
    for shown in ("0.500", "0.750", "+0.250", "+0.125", "+0.375", "12 groups", "in use: bm25 alone"):
        assert shown in output
    assert json.loads(run("--json")[0]) == DONE


def test_a_rollback_and_a_look_start_no_tuning() -> None:
    output, code, server = run("--rollback")
    assert (code, server.calls) == (0, [("DELETE", None)])
    assert "default" in output
    output, code, server = run("--show")
    assert (code, server.calls) == (0, [])
    assert "in use: default" in output


@pytest.mark.parametrize("options", [("--keep", "--rollback"), ("--show", "--rollback")])
def test_two_wishes_at_once_are_refused(options: tuple[str, str]) -> None:
    _, code, server = run(*options)
    assert code == 2
    assert server.calls == []
