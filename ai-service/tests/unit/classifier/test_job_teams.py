"""A training learns teams beside departments, without a word of the one changing the other."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ai_service.adapters.local.classifier import training_job
from ai_service.adapters.local.classifier.examples import Example, LabelInfo
from ai_service.adapters.local.classifier.head import Head
from ai_service.adapters.local.classifier.storage import pack, unpack
from ai_service.adapters.local.classifier.training import train

from .word_encoder import WORDS, WordEncoder, tickets

ENCODER = WordEncoder()
TEAMS = [
    LabelInfo("71", "all about laptops", called="Desk"),
    LabelInfo("72", "all about money", called="Ledger"),
    LabelInfo("73", "all about rooms", called="Crew"),
]
OF = dict(zip(WORDS, ("71", "72", "73"), strict=True))

Teamed = Callable[[Example], str | None]


def trained(folder: Path, examples: Sequence[Example], team: Teamed, serving: bytes | None = None) -> dict[str, Any]:
    """Do a job whose tickets have the team that `team` says."""
    folder.mkdir(exist_ok=True)
    content = {
        "fine_tune": {"min_labels": 0, "seconds": 1.0},
        "target_precision": 0.9,
        "labels": [{"name": name, "description": ""} for name in WORDS],
        "teams": [vars(each) for each in TEAMS],
        "examples": [vars(each) | {"at": each.at.isoformat(), "team": team(each)} for each in examples],
    }
    (folder / "job.json").write_text(json.dumps(content))
    if serving is not None:
        (folder / "serving_teams.bin").write_bytes(serving)
    return training_job.run(folder, ENCODER)


def by_label(example: Example) -> str | None:
    return OF[example.label]


def nobody(example: Example) -> str | None:
    return None


def head_of(folder: Path) -> Head:
    return unpack((folder / "teams.bin").read_bytes())


def best(head: Head, text: str) -> tuple[str, str]:
    [judged] = head.classify([text], ENCODER.embed([text]))
    return judged.label, judged.abstention_reason


def test_teams_are_learnt_and_measured_on_what_is_held_out(tmp_path: Path) -> None:
    report = trained(tmp_path, tickets(300), by_label)
    teams = report["teams"]
    assert (teams["state"], teams["reason"], teams["examples"], teams["held_out"]) == ("used", "", 240, 60)
    assert teams["evaluation"]["examples"] == 60
    assert teams["evaluation"]["accuracy"] > 0.95
    assert teams["serving"] is None
    assert 0 < teams["threshold"]["value"] <= 1
    assert best(head_of(tmp_path), "laptop password vpn please help") == ("71", "")
    assert best(head_of(tmp_path), "zebra quartz umbrella violin")[1]
    assert json.loads((tmp_path / "report.json").read_text()) == json.loads(json.dumps(report))


def test_the_departments_head_report_and_marks_are_the_same_with_teams_and_without(tmp_path: Path) -> None:
    with_teams = trained(tmp_path / "with", tickets(300), by_label)
    without = trained(tmp_path / "without", tickets(300), nobody)
    assert (with_teams.pop("teams")["state"], without.pop("teams")["state"]) == ("used", "skipped")
    assert with_teams == without
    assert not (tmp_path / "without" / "teams.bin").exists()
    for name in ("head.bin", "held_out.json"):
        assert (tmp_path / "with" / name).read_bytes() == (tmp_path / "without" / name).read_bytes()


def test_a_ticket_held_out_for_departments_is_held_out_for_teams(tmp_path: Path) -> None:
    marked = [replace(each, held_out=place % 4 == 0) for place, each in enumerate(tickets(300))]
    report = trained(tmp_path, marked, by_label)
    held_out = {each.subject for each in marked if each.held_out}
    assert (report["teams"]["examples"], report["teams"]["held_out"]) == (225, 75)
    learnt = set(head_of(tmp_path).example_subjects)
    assert len(learnt) == 225
    assert not learnt & held_out
    assert json.loads((tmp_path / "held_out.json").read_text()) == {}


@pytest.mark.parametrize(
    ("given", "state", "why"), [(29, "skipped", "29, 30 are needed"), (30, "kept", "hold some out")]
)
def test_fewer_than_thirty_tickets_with_a_team_teach_nothing(tmp_path: Path, given: int, state: str, why: str) -> None:
    report = trained(tmp_path, tickets(300), lambda each: OF[each.label] if int(each.subject) < given else None)
    assert (report["teams"]["state"], report["teams"]["examples"]) == (state, given)
    assert why in report["teams"]["reason"]
    assert not (tmp_path / "teams.bin").exists()


def test_one_team_alone_is_nothing_to_tell_apart(tmp_path: Path) -> None:
    report = trained(tmp_path, tickets(300), lambda each: "71")
    assert report["teams"]["state"] == "skipped"
    assert "fewer than two teams" in report["teams"]["reason"]


def test_departments_that_nothing_tells_apart_keep_no_team_from_being_learnt(tmp_path: Path) -> None:
    report = trained(tmp_path, tickets(300, noise=1.0), lambda each: OF[_written_for(each)])
    assert report["state"] == "kept"
    assert "to promise any precision" in report["reasons"][0]
    assert report["teams"]["state"] == "used"
    assert best(head_of(tmp_path), "laptop password vpn please help") == ("71", "")


def _written_for(example: Example) -> str:
    [label] = {label for label, words in WORDS.items() if set(words) & set(example.text.split())}
    return label


def test_without_a_head_for_departments_there_is_none_for_teams(tmp_path: Path) -> None:
    report = trained(
        tmp_path, tickets(100, words={"IT": WORDS["IT"]}), lambda each: "71" if each.at.minute % 2 else "72"
    )
    assert report["state"] == "kept"
    assert report["teams"] == {"state": "skipped", "reason": "there is no model that a head for teams could belong to"}
    assert not (tmp_path / "teams.bin").exists()


@pytest.fixture(scope="module")
def serving() -> bytes:
    """A head that knows all three teams."""
    examples = [replace(each, label=OF[each.label]) for each in tickets(200, seed=9)]
    return pack(train(examples, TEAMS, ENCODER))


def test_a_worse_head_than_the_one_that_serves_is_not_taken_and_that_one_goes_along(
    tmp_path: Path, serving: bytes
) -> None:
    # The Crew is new to this head: all that was ever given to it is held out.
    marked = [replace(each, held_out=each.at.minute % 3 == 0) for each in tickets(300)]
    teams = trained(
        tmp_path, marked, lambda each: OF[each.label] if each.held_out or each.label != "House" else None, serving
    )["teams"]
    assert teams["state"] == "kept"
    assert "macro-F1" in teams["reason"]
    assert "of Crew, where the serving model finds" in teams["reason"]
    assert teams["serving"]["accuracy"] > teams["evaluation"]["accuracy"]
    assert (tmp_path / "teams.bin").read_bytes() == serving


def test_a_head_that_can_promise_nothing_is_not_taken_and_the_one_that_serves_goes_along(
    tmp_path: Path, serving: bytes
) -> None:
    random = Random(1)
    teams = trained(tmp_path, tickets(300), lambda _each: random.choice(list(OF.values())), serving)["teams"]
    assert (teams["state"], teams["evaluation"]) == ("kept", None)
    assert "promise" in teams["reason"]
    assert (tmp_path / "teams.bin").read_bytes() == serving


def test_a_better_head_takes_the_place_of_the_one_that_serves(tmp_path: Path, serving: bytes) -> None:
    teams = trained(tmp_path, tickets(300), by_label, serving)["teams"]
    assert teams["state"] == "used"
    assert teams["serving"]["examples"] == teams["evaluation"]["examples"] == 60
    assert (tmp_path / "teams.bin").read_bytes() != serving


def test_where_too_little_is_left_to_learn_from_the_one_that_serves_goes_too(tmp_path: Path, serving: bytes) -> None:
    assert trained(tmp_path, tickets(300), nobody, serving)["teams"]["state"] == "skipped"
    assert not (tmp_path / "teams.bin").exists()


@pytest.mark.parametrize("harm", ["harmed", "of another encoder"])
def test_a_serving_head_that_cant_be_used_is_none(tmp_path: Path, serving: bytes, harm: str) -> None:
    data = b"x" + serving[1:] if harm == "harmed" else pack(replace(unpack(serving), encoder="another"))
    teams = trained(tmp_path, tickets(300), lambda each: OF[each.label] if int(each.subject) < 40 else None, data)[
        "teams"
    ]
    assert (teams["state"], teams["serving"]) == ("kept", None)
    assert not (tmp_path / "teams.bin").exists()
