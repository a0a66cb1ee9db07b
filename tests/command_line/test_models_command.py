"""`smart-ticket models train` shows what a training does to everyday tickets, and why a model does not serve."""

from typing import Any

import pytest
import requests
from click.testing import CliRunner
from launcher.client import Gateway
from launcher.commands.models import UNDER_WAY_SECONDS, models

from .desk import answer, problem

CHANGED = {
    "title": "The toilet is leaking",
    "language": "en",
    "department": "Facilities",
    "before": {"outcome": "correct", "department": "Facilities", "confidence_score": 60.0, "decided_by": "keywords"},
    "after": {"outcome": "misrouted", "department": "HR", "confidence_score": 97.2, "decided_by": "bert"},
}
ASKED = {
    "title": "Urlaubsantrag",
    "language": "de",
    "department": "HR",
    "before": {"outcome": "abstained", "department": "General", "confidence_score": 30.0, "decided_by": "keywords"},
    "after": {"outcome": "correct", "department": "HR", "confidence_score": 91.0, "decided_by": "bert"},
}
REASON = "of the everyday tickets of Facilities 8 are classified correctly, where 10 were before"


def counts(correct: int, abstained: int, misrouted: int) -> dict[str, int]:
    return {"correct": correct, "abstained": abstained, "misrouted": misrouted}


def everyday(*changed: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {"department": "HR", "tickets": 12, "before": counts(8, 4, 0), "after": counts(9, 3, 0)},
        {"department": "Facilities", "tickets": 12, "before": counts(10, 2, 0), "after": counts(8, 2, 2)},
    ]
    return {
        "tickets": 24, "before": counts(18, 6, 0), "after": counts(17, 5, 2), "departments": rows,
        "changed": list(changed), "regressions": [REASON] if changed else [],
    }  # fmt: skip


class Ended(Gateway):
    """A gateway whose training has ended with this report; the first `refused` requests meet an earlier training."""

    def __init__(self, report: dict[str, Any] | None, refused: int = 0) -> None:
        super().__init__("http://models.example")
        self._run = {"id": 3, "state": "kept", "error": None, "ended_at": "2026-11-29T10:00:00Z", "report": report}
        self.refused = refused

    def send(self, method: str, path: str, **_options: Any) -> requests.Response:
        if method == "GET":
            return answer(200, {"items": [], "next": None, "encoder": "words"})
        if self.refused:
            self.refused -= 1
            return problem(409, "training_under_way", "a training is under way already")
        return answer(202, self._run)


def trained(report: dict[str, Any] | None, refused: int = 0) -> str:
    done = CliRunner().invoke(models, ["train"], obj={"gateway": Ended(report, refused)})
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def test_the_table_shows_each_department_before_and_after_and_the_tickets_that_changed() -> None:
    shown = trained({"reasons": [REASON], "everyday": everyday(CHANGED, ASKED)})
    assert "24 everyday tickets" in shown
    assert "Facilities │ 12 │ 10 (2, 0) │ 8 (2, 2)" in shown
    assert "all │ 24 │ 18 (6, 0) │ 17 (5, 2)" in shown
    assert "Facilities, 60 (correct, by keywords) │ HR, 97 (misrouted, by bert)" in shown
    assert "Urlaubsantrag │ HR │ left to a person │ HR, 91 (correct, by bert)" in shown
    assert f"it does not serve: {REASON}" in shown


def test_where_nothing_changed_it_says_so() -> None:
    assert "no everyday ticket is answered differently" in trained({"reasons": [], "everyday": everyday()})


def test_a_run_without_a_table_is_shown_without_one() -> None:
    assert "everyday" not in trained({"reasons": ["there is no local model to train a head for"]})
    assert "everyday" not in trained(None)


def test_a_training_under_way_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("launcher.commands.models.time.sleep", pauses.append)
    assert f"it does not serve: {REASON}" in trained({"reasons": [REASON]}, refused=2)
    assert pauses == [UNDER_WAY_SECONDS] * 2


def test_a_training_under_way_is_not_waited_for_longer_than_asked() -> None:
    gateway = Ended({"reasons": []}, refused=2)
    done = CliRunner().invoke(models, ["train", "--timeout", "-1"], obj={"gateway": gateway})
    assert (done.exit_code, gateway.refused) == (1, 1)
    assert "training_under_way" in done.output
