"""Each training exports the labelled tickets, without deleted ones."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from ai_service.adapters.export.files import ExportFailed, ExportFiles
from ai_service.adapters.export.training_export import TrainingExport
from ai_service.api.training_export import XLSX
from ai_service.store import examples
from openpyxl import load_workbook
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Rows, World, eventually
from .test_training import routed, teach, training_of

Make = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "training"


@pytest.fixture
def settings(folder: Path) -> dict[str, str]:
    return {"TRAINING_DATA_DIR": str(folder), "TRAINING_EXPORT_SHEET_NAME": "Tickets"}


@pytest.fixture
def world(make_world: Make, settings: dict[str, str]) -> World:
    made: World = make_world(**settings)
    return made


@pytest.fixture
def api(make_api: Make, settings: dict[str, str]) -> Api:
    made: Api = make_api(**settings)
    return made


def file_of(folder: Path, company: int = 1) -> Path:
    return folder / "exports" / f"company-{company}" / "tickets_training.xlsx"


def table(api: Api, run: int) -> list[tuple[Any, ...]]:
    """Download an export and return its rows without the names of the columns."""
    with api.call("GET", f"/api/training/{run}/export") as answered:
        assert (answered.status_code, answered.content_type) == (200, XLSX), answered.text
        assert answered.headers["Content-Disposition"] == "attachment; filename=tickets_training.xlsx"
        assert answered.cache_control.no_store
        assert int(answered.headers["Content-Length"]) == len(answered.data)
        return list(load_workbook(io.BytesIO(answered.data))["Tickets"].values)[1:]


def refused(api: Api, run: int) -> str:
    answered = api.call("GET", f"/api/training/{run}/export")
    assert answered.status_code == 404
    return str(answered.json["code"])


def test_a_training_exports_the_labels_and_an_admin_can_download_them(
    world: World, api: Api, made: ServiceDatabase, folder: Path
) -> None:
    teach(made, 3)
    run = training_of(api)
    size = file_of(folder).stat().st_size
    assert (run["state"], run["report"]["export"]) == ("kept", {"tickets": 3, "bytes": size})
    found = table(api, run["id"])
    assert [row[:4] for row in found] == [
        ("My laptop's screen is dark, case 1.", "Facilities", 1, None),
        ("My payslip is wrong, case 2.", "Finance", 2, None),
        ("The VPN refuses my password, case 3.", "Facilities", 3, None),
    ]
    assert [row[5] for row in found] == [f"2026-01-01T00:0{place}:00.000000Z" for place in range(3)]
    for role in ("manager", "agent", "requester"):
        assert Api(api.client, role=role).call("GET", f"/api/training/{run['id']}/export").status_code == 403


def test_a_company_gets_only_its_own_export(world: World, api: Api, made: ServiceDatabase, folder: Path) -> None:
    teach(made, 2)
    teach(made, 2, company=2, first=50)
    other = Api(api.client, company=2)
    ours, theirs = training_of(api)["id"], training_of(other)["id"]
    assert [row[2] for row in table(api, ours)] == [1, 2]
    assert [row[2] for row in table(other, theirs)] == [50, 51]
    assert (refused(other, ours), refused(api, theirs)) == ("training_not_found", "training_not_found")


def test_the_next_training_replaces_the_export(world: World, api: Api, made: ServiceDatabase) -> None:
    teach(made, 2)
    first = training_of(api)["id"]
    teach(made, 1, first=10)
    second = training_of(api)["id"]
    assert refused(api, first) == "export_not_found"
    assert [row[2] for row in table(api, second)] == [1, 10, 2]
    assert refused(api, 10**9) == "training_not_found"


def test_an_export_is_removed_with_a_ticket_in_it_only(
    world: World, api: Api, made: ServiceDatabase, folder: Path, rows: Rows
) -> None:
    teach(made, 3)
    world.ticket(99, "nobody decided about it")
    world.categorized()
    run = training_of(api)["id"]
    world.send("ticket.deleted", subject="99", ticket_id=99)
    eventually(lambda: rows("select 1 from examples where ticket_id = 99") == [])
    assert len(table(api, run)) == 3
    assert rows("select count(*) from outbox where type = 'training.export.outdated'") == [(0,)]
    world.send("ticket.deleted", subject="2", ticket_id=2)
    eventually(lambda: not file_of(folder).exists())
    assert refused(api, run) == "export_not_found"
    again = training_of(api)["id"]
    assert [row[2] for row in table(api, again)] == [1, 3]


def test_a_text_from_outside_is_text_and_no_formula(world: World, api: Api) -> None:
    world.ticket(1, "=HYPERLINK(1)", description="a\x0bb \x07 c\ud83d".encode("utf-8", "replace").decode())
    world.categorized()
    routed(world, 1, "HR")
    eventually(lambda: api.call("GET", "/api/tickets/1/explanation").json["person_department"] == "HR")
    [row] = table(api, training_of(api)["id"])
    assert row[:3] == ("=HYPERLINK(1)\na b   c?", "HR", 1)


def test_a_training_goes_on_where_its_export_can_t_be_written(
    world: World, api: Api, made: ServiceDatabase, folder: Path
) -> None:
    folder.write_text("a file where a folder should be")
    teach(made, 2)
    run = training_of(api)
    assert (run["state"], run["error"]) == ("kept", None)
    assert run["report"]["export"] == {"error": "Not a directory"}
    assert refused(api, run["id"]) == "export_not_found"


def test_without_a_folder_a_training_reports_that_nothing_was_exported(
    make_world: Make, make_api: Make, made: ServiceDatabase
) -> None:
    make_world()
    teach(made, 2)
    assert "TRAINING_DATA_DIR" in training_of(make_api())["report"]["export"]["error"]


def test_without_labels_there_is_no_export(world: World, api: Api, folder: Path) -> None:
    run = training_of(api)
    assert run["report"]["export"] == {"tickets": 0}
    assert refused(api, run["id"]) == "export_not_found"


class Interrupted(ExportFiles):
    """Files during whose writing a ticket is deleted, a given number of times."""

    def __init__(self, folder: Path, deletions: Iterator[Callable[[], object]]) -> None:
        path = PurePosixPath("exports/tickets_training.xlsx")
        super().__init__(folder, path, "Tickets", seconds=60, niceness=0)
        self._deletions = deletions

    def write(self, company: int, rows: Any) -> int:
        size = super().write(company, rows)
        next(self._deletions)()
        return size


@pytest.mark.parametrize("takes_the_file_away", [False, True])
def test_a_ticket_that_is_deleted_while_it_is_exported_is_not_in_it(
    made: ServiceDatabase, folder: Path, takes_the_file_away: bool
) -> None:
    made.clean()
    teach(made, 3)

    def delete() -> None:
        with made.database.session(1) as session, session.begin():
            examples.delete(session, [(1, 2)])
        if takes_the_file_away:
            raise ExportFailed("No such file or directory")

    export = TrainingExport(made.database, Interrupted(folder, iter([delete, lambda: None])))
    with made.database.session(1) as session:
        labelled = examples.labelled(session, 1)
    assert export.write(1, labelled)["tickets"] == 2
    found = load_workbook(file_of(folder))["Tickets"].values
    assert [row[2] for row in found] == ["ticket_id", 1, 3]


def test_where_tickets_are_deleted_during_every_try_there_is_no_export(made: ServiceDatabase, folder: Path) -> None:
    made.clean()
    teach(made, 9)

    def delete(ticket: int) -> None:
        with made.database.session(1) as session, session.begin():
            examples.delete(session, [(1, ticket)])

    files = Interrupted(folder, (lambda ticket=ticket: delete(ticket) for ticket in range(1, 10)))  # type: ignore[misc]
    with made.database.session(1) as session:
        labelled = examples.labelled(session, 1)
    assert TrainingExport(made.database, files).write(1, labelled) == {
        "error": "tickets were deleted while it was written"
    }
    assert not file_of(folder).exists()
