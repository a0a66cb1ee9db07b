"""Evaluations on files and on the company's own tickets."""

import fcntl
import io
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from service_kit.testing.postgres import ServiceDatabase
from werkzeug.test import TestResponse

from ..conftest import Api, Rows, World, eventually
from .test_training import THINGS, ended, routed, teach, training_of

PATH = "/api/evaluation"
LARGEST = 25 * 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def local(encoder_folder: Path) -> dict[str, str]:
    return {"MODELS_DIR": str(encoder_folder.parent)}


@pytest.fixture
def shown(make_world: Callable[..., World], make_api: Callable[..., Api], local: dict[str, str]) -> Api:
    make_world(**local)
    return make_api(**local)


def table(number: int = 90, *, first: int = 0) -> bytes:
    lines = ["Subject;Team"]
    for place in range(first, first + number):
        label = list(THINGS)[place % 2]
        lines.append(f'"{THINGS[label][place // 2 % 3]}; case {place}";{label}')
    return "\n".join(lines).encode()


def test_unknown_fields_of_a_form_are_refused_by_name(api: Api, rows: Rows) -> None:
    extra = (io.BytesIO(b"x"), "x.csv")
    sent = {"file": (io.BytesIO(table()), "a.csv"), "label": "Team", "colour": "blau", "Folds": "3", "extra": extra}
    answered = api.send("POST", PATH, data=sent, content_type="multipart/form-data")
    assert answered.status_code == 400
    assert {error["field"] for error in answered.json["errors"]} == {"colour", "Folds", "extra"}
    for query, fields in (("", {"folds": ["3", "4"]}), ("?folds=3", {"folds": "4"}), ("", {"file": "not a file"})):
        sent = {"file": (io.BytesIO(table()), "a.csv"), "label": "Team"} | fields
        answered = api.send("POST", PATH + query, data=sent, content_type="multipart/form-data")
        assert answered.status_code == 400, answered.text
        assert {error["field"] for error in answered.json["errors"]} == set(fields)
    assert rows("select count(*) from evaluations") == [(0,)]


def form(api: Api, path: str = PATH, **fields: Any) -> TestResponse:
    files = {name: (io.BytesIO(value), f"{name}.csv") if isinstance(value, bytes) else value
             for name, value in fields.items()}  # fmt: skip
    return api.send("POST", path, data=files, content_type="multipart/form-data")


def test_an_evaluation_of_a_file_reports_metrics(shown: Api, rows: Rows) -> None:
    asked = shown.send("POST", f"{PATH}?label=Team&folds=3", data=table(), content_type="text/csv")
    assert asked.status_code == 202, asked.text
    assert (asked.json["name"], asked.json["report"]) == ("Subject → Team", None)
    done = ended(shown, asked.headers["Location"])
    assert (done["state"], done["error"]) == ("done", None), done
    report = done["report"]
    assert (report["texts"], report["labels"], len(report["rounds"])) == (90, 2, 3)
    assert report["trained"]["accuracy"] > 0.9
    assert rows("select input from evaluations") == [(None,)]  # the file is deleted

    chart = shown.call("GET", f"{asked.headers['Location']}/reliability.png")
    assert (chart.content_type, chart.data[:8]) == ("image/png", PNG)
    assert [each["id"] for each in shown.call("GET", PATH).json["items"]] == [done["id"]]
    other = Api(shown.client, company=2)
    assert other.call("GET", asked.headers["Location"]).status_code == 404
    assert other.call("GET", f"{asked.headers['Location']}/reliability.png").status_code == 404
    assert other.call("GET", PATH).json["items"] == []


def test_the_answer_mentions_how_the_file_was_read(api: Api) -> None:
    data = b"sep=|\n" + table().replace(b";", b"|").replace(b"case", "Büro".encode("cp1252")) + b"\n|HR"
    asked = api.send("POST", f"{PATH}?label=Team", data=data, content_type="text/csv")
    assert asked.status_code == 202, asked.text
    read, left_out = asked.json["plan"]["notes"]
    assert "read as CP1252, cells separated by bar; the encoding is guessed" in read
    assert left_out == "file: 1 rows without a text or a label are left out"


def test_a_second_file_is_the_test_set_and_options_may_be_fields(shown: Api) -> None:
    asked = form(shown, file=table(60), test=table(30, first=60), label="Team", per_label="4", draws="2", name="Mine")
    assert asked.status_code == 202, asked.text
    report = ended(shown, asked.headers["Location"])["report"]
    assert [(each["trained_on"], each["tested_on"]) for each in report["rounds"]] == [(8, 30), (8, 30)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"label": "Team"}, "file"),
        ({"file": b"text;label\n1;2\n"}, "file"),
        ({"file": b"a,b,c\n1,2,3\n"}, "text"),
        ({"file": table(), "label": "Nothing"}, "label"),
        ({"file": table(), "folds": "many"}, "folds"),
        ({"file": table(), "folds": "100"}, "folds"),
        ({"file": table(), "label": "Team", "test": b"other;columns\n1;2\n"}, "text"),
        ({"file": table(), "label": "\x00"}, "label"),
        ({"file": b"\xff\xfe\x00"}, "file"),
        ({"file": table() + b'\n"Wifi" is slow;IT', "label": "Team"}, "file"),
        ({"file": table() + b"\nWifi; slow;IT", "label": "Team"}, "file"),
        ({"file": b"Subject;Team;Team\n1;2;3\n"}, "label"),
        ({"file": b"Subject;Team\n" + b"Lift;A\nWifi;B\n" * 20}, "file"),
        ({"file": table(), "test": table()}, "file"),
        ({"file": table(), "delimiter": "ab"}, "file"),
        ({"file": table(), "encoding": "klingon"}, "file"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_field(api: Api, fields: dict[str, Any], field: str) -> None:
    answered = form(api, **fields)
    assert answered.status_code == 400, answered.text
    assert [each["field"] for each in answered.json["errors"]] == [field]


@pytest.mark.parametrize("heading", ['name=".\\"', "nam=x", 'filename="a.csv"'])
def test_a_part_of_a_form_needs_a_name(api: Api, heading: str) -> None:
    body = f"--b\r\nContent-Disposition: form-data; {heading}\r\n\r\n1\r\n--b--\r\n".encode()
    answered = api.send("POST", PATH, data=body, content_type="multipart/form-data; boundary=b")
    assert (answered.status_code, answered.json["errors"][0]["field"]) == (400, "form")


def test_a_missing_or_too_large_file_is_refused(api: Api) -> None:
    assert api.call("POST", PATH, {"file": "x"}).status_code == 415
    assert api.send("POST", PATH, data=b"x" * (25 * 1024 * 1024 + 1), content_type="text/csv").status_code == 413
    assert Api(api.client, role="agent").call("POST", PATH).status_code == 403


def test_in_a_form_the_limit_is_that_of_the_file(api: Api) -> None:
    text = table(60)
    rest = b"".join(b'\n"%s";Unlabelled %d' % (b"long words " * 800, number % 2) for number in range(2_950))
    assert 25_900_000 < len(text + rest) <= LARGEST
    largest = (text + rest).ljust(LARGEST, b"\n")
    answered = post_file(api, largest)
    assert answered.status_code == 202, answered.text
    refused = post_file(api, largest + b"\n")
    assert (refused.status_code, refused.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("fields", [[("text", "x")] * 100, [("text", "x" * 70_000)]])
def test_the_fields_of_a_form_are_few_and_short(api: Api, fields: list[tuple[str, str]]) -> None:
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
    )
    file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\r\n--b--\r\n'
    refused = api.send("POST", PATH, data=(parts + file).encode(), content_type="multipart/form-data; boundary=b")
    assert (refused.status_code, refused.json["code"]) == (413, "too_large")


def post_file(api: Api, content: bytes) -> TestResponse:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    field = b'\r\n--b\r\nContent-Disposition: form-data; name="label"\r\n\r\nTeam\r\n--b--\r\n'
    return api.send("POST", PATH, data=head + content + field, content_type="multipart/form-data; boundary=b")


def test_the_number_of_open_evaluations_is_limited(api: Api) -> None:
    codes = [api.send("POST", PATH, data=table(), content_type="text/csv").status_code for _ in range(6)]
    assert codes == [202] * 5 + [409]
    assert Api(api.client, company=2).send("POST", PATH, data=table(), content_type="text/csv").status_code == 202


def test_an_evaluation_without_a_local_model_reports_that(world: World, api: Api) -> None:
    asked = api.send("POST", PATH, data=table(), content_type="text/csv")
    done = ended(api, asked.headers["Location"])
    assert done["state"] == "failed"
    assert "no local model" in done["error"]
    assert api.call("GET", f"{asked.headers['Location']}/reliability.png").status_code == 404


def test_an_evaluation_waits_for_a_model_in_preparation(
    make_world: Callable[..., World], make_api: Callable[..., Api], encoder_folder: Path, tmp_path: Path
) -> None:
    settings = {"MODELS_DIR": str(tmp_path), "EMBEDDINGS_MODEL": str(tmp_path / "nowhere")}
    with (tmp_path / ".encoder.lock").open("w") as lock:  # as who makes it holds it
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_world(**settings)
        api = make_api(**settings)
        place = api.send("POST", f"{PATH}?folds=3", data=table(), content_type="text/csv").headers["Location"]
        eventually(lambda: "waiting for the local model" in api.call("GET", place).json["step"])
        copytree(encoder_folder, tmp_path / "draft")
        (tmp_path / "draft").rename(tmp_path / "encoder")
    assert ended(api, place)["state"] == "done"


def test_a_backtest_compares_predictions_with_final_departments(
    make_world: Callable[..., World],
    make_api: Callable[..., Api],
    made: ServiceDatabase,
    rows: Rows,
    local: dict[str, str],
) -> None:
    world, shown = make_world(**local), make_api(**local)
    assert shown.call("POST", f"{PATH}/backtest", {}).status_code == 409
    teach(made, 60)
    for ticket in range(101, 131):
        world.ticket(ticket, f"My password expired, number {ticket}", created_at="2026-02-01T00:00:00Z")
    world.categorized(30)
    for ticket in range(101, 131):
        world.send(
            "ticket.status.updated", subject=str(ticket), revision=2, ticket_id=ticket,
            status="closed", previous_status="pending",
        )  # fmt: skip
    routed(world, 101, "HR")
    eventually(lambda: rows("select count(*), count(label) from examples where closed_at is not null") == [(30, 1)])
    world.send(
        "ticket.status.updated", subject="102", revision=3, ticket_id=102, status="in_progress",
        previous_status="closed",
    )  # fmt: skip
    eventually(lambda: rows("select count(*) from examples where closed_at is not null") == [(29,)])

    asked = shown.call("POST", f"{PATH}/backtest", {"tickets": 50})
    assert asked.status_code == 202, asked.text
    done = ended(shown, asked.headers["Location"])
    assert done["state"] == "done", done
    report = done["report"]
    assert report["recorded"]["examples"] == 29
    assert report["recorded"]["accuracy"] == pytest.approx(28 / 29)
    assert report["recorded_by_people"]["examples"] == 1
    assert report["trained"]["examples"] == 29

    live = shown.call("GET", PATH).json["live"]
    assert (live["examples"], live["figures"]["accuracy"]) == (1, 0.0)


def test_the_shadow_model_predicts_without_any_effect(
    make_world: Callable[..., World], make_api: Callable[..., Api], rows: Rows, local: dict[str, str]
) -> None:
    world, api = make_world(**local), make_api(**local)
    world.company("updated", auto_categorize=False)
    eventually(lambda: rows("select auto_categorize from company_switches") == [(False,)])
    world.ticket(1, "My password expired")
    world.categorized(1)
    assert api.call("PUT", f"{PATH}/shadow", {"enabled": True}).json == {"enabled": True}
    world.ticket(2, "My password expired again")
    result = {each["ticket_id"]: each for each in world.categorized(2)}
    assert {each["decided_by"] for each in result.values()} == {"nobody"}
    assert rows("select ticket_id, department, believed from shadow_readings") == [(2, "IT Support", True)]
    routed(world, 2, "IT Support")
    eventually(lambda: api.call("GET", PATH).json["shadow"]["examples"] == 1)
    shadow = api.call("GET", PATH).json["shadow"]
    assert (shadow["enabled"], shadow["tickets"], shadow["figures"]["accuracy"]) == (True, 1, 1.0)
    assert Api(api.client, company=2).call("GET", PATH).json["shadow"]["tickets"] == 0
    assert Api(api.client, role="manager").call("PUT", f"{PATH}/shadow", {"enabled": False}).status_code == 403

    world.send("ticket.deleted", subject="2", ticket_id=2)
    eventually(lambda: rows("select count(*) from shadow_readings") == [(0,)])


def test_the_newest_model_that_never_served_is_the_shadow_model(
    make_world: Callable[..., World],
    make_api: Callable[..., Api],
    made: ServiceDatabase,
    rows: Rows,
    local: dict[str, str],
) -> None:
    world, api = make_world(**local), make_api(**local)
    api.call("PUT", f"{PATH}/shadow", {"enabled": True})
    world.ticket(1, "The VPN refuses my password, case 998.")
    world.categorized(1)
    assert rows("select count(*) from shadow_readings") == [(0,)]  # there is no label to compare with
    teach(made)
    version = training_of(api)["version"]
    with made.database.session(1) as session, session.begin():
        session.connection().exec_driver_sql("update models set serving = false, served_at = null")
    world.ticket(2, "The VPN refuses my password, case 999.")
    assert {each["ticket_id"]: each["department"] for each in world.categorized(2)}[2] == "IT Support"
    assert rows("select ticket_id, department, model from shadow_readings") == [(2, "Facilities", version)]
