"""Tickets of another system are imported: row by row, once, and again where an import was stopped."""

import csv
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from launcher.cli import main
from launcher.commands.importing import import_csv
from launcher.data_directory import DataDirectory
from launcher.imports import journal, sending

from .desk import Desk, away

Import = Callable[..., Result]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def run(desk: Desk, tmp_path: Path) -> Import:
    def run(content: str | bytes, *words: str, name: str = "tickets.csv", at: Desk = desk) -> Result:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        if "--description" not in words:
            words = ("--description", "Text", *words)
        context = {"home": DataDirectory(tmp_path / "home"), "gateway": at}
        return CliRunner().invoke(import_csv, [str(file), *words], obj=context, prog_name="import")

    return run


def titles(desk: Desk) -> list[str]:
    return sorted(ticket["title"] for ticket in desk.tickets.values())


@pytest.mark.parametrize(
    "content",
    [
        "Title;Text\nVPN;It is down, again\n",
        "Title\tText\nVPN\tIt is down, again\n",
        "Title|Text\nVPN|It is down, again\n",
        "\ufeffTitle;Text\r\nVPN;It is down, again\r\n",
        "sep=;\r\nTitle;Text\r\nVPN;It is down, again\r\n",
        'Title,Text\nVPN,"It is down, again"\n'.encode("utf-16"),
        '\n\n,,\n title ,TEXT\nVPN,"It is down, again"\n,\n',
    ],
)
def test_what_an_evaluation_reads_can_be_imported(run: Import, desk: Desk, content: str | bytes) -> None:
    done = run(content, "--title", "Title")
    assert done.exit_code == 0, done.output
    assert [(t["title"], t["description"]) for t in desk.tickets.values()] == [("VPN", "It is down, again")]


def test_a_guessed_encoding_is_mentioned_and_can_be_named(run: Import, desk: Desk) -> None:
    data = "Title;Text\nDrucker;Büro ist zu kalt\n".encode("cp850")
    assert "the encoding is a guess" in run(data).stderr
    done = run(data, "--encoding", "cp850", "--delimiter", ";")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "CP850, cells separated by semicolon" in done.stdout
    assert desk.tickets[2]["description"] == "Büro ist zu kalt"


def test_faulty_rows_are_reported_with_their_lines_and_the_rest_goes_on(run: Import, desk: Desk) -> None:
    done = run(
        'Title,Text,Team\nHeating,The radiator is cold, please send someone,Facilities\n"A" x,b,c\n,,\nLift,stuck,\n'
        'Broken,,HR\n"never closed,b,c\nWindow,jams,\n', "--title", "Title", "--department", "Team",
    )  # fmt: skip
    assert done.exit_code == 1
    assert titles(desk) == ["Lift", "Window"]
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["line 2", "line 3", "line 6", "line 7",
                                                                        "4 rows refused"]  # fmt: skip
    assert set(desk.departments) == set(Desk().departments)


def test_one_refused_row_is_counted_as_one(run: Import) -> None:
    assert run('Text,Team\ncold,HR\n"A" x,HR\n').stderr.splitlines()[-1] == "1 row refused"


def test_two_columns_of_the_name_that_is_asked_for_are_refused(run: Import, desk: Desk) -> None:
    done = run("S,Text,Text\na,b,c\n")
    assert done.exit_code == 1
    assert "Columns 2 and 3 are both called Text" in done.stderr
    assert run("Note,Text,Note\na,b,c\n").exit_code == 0
    assert len(desk.tickets) == 1


def test_departments_are_found_whatever_their_case_and_bad_ones_cost_their_rows_alone(run: Import, desk: Desk) -> None:
    names = ["it support", "IT/Network", "N/A", "x" * 101, "Stores", "stores", " STORES ", "-", ""]
    rows = "".join(f"case {number},{name}\n" for number, name in enumerate(names))
    done = run(f"Text,Team\n{rows}", "--department", "Team")
    assert done.exit_code == 1
    found = {ticket["description"]: ticket["department"] for ticket in desk.tickets.values()}
    assert found == {"case 0": "IT Support", "case 2": "General", "case 4": "Stores", "case 5": "Stores",
                     "case 6": "Stores", "case 7": "General", "case 8": "General"}  # fmt: skip
    assert "line 3: department 'IT/Network' can't be made" in done.stderr
    assert "line 5: department 'xxx" in done.stderr
    assert "2 rows refused" in done.stderr


def test_more_departments_than_a_company_may_have_are_named_with_the_limit(run: Import, desk: Desk) -> None:
    rows = "".join(f"case {number},Branch {number % 120}\n" for number in range(130))
    done = run(f"Text,Team\n{rows}", "--department", "Team")
    assert done.exit_code == 1
    assert len(desk.tickets) == 95 + 10  # the commonest ten come first
    assert "at most 100 departments" in done.stderr
    assert "25 rows refused; 5 more than shown" in done.stderr


def test_a_department_that_takes_no_tickets_refuses_its_rows(run: Import, desk: Desk) -> None:
    desk.departments["HR"] = False
    done = run("Text,Team\nleave,hr\nlamp,Facilities\n", "--department", "Team")
    assert "line 2: department HR takes no tickets at present" in done.stderr
    assert len(desk.tickets) == 1


def test_a_key_that_may_not_make_departments_stops_before_any_row(run: Import, desk: Desk) -> None:
    desk.refuse_departments = 403
    done = run("Text,Team\nlamp,Stores\n", "--department", "Team")
    assert (done.exit_code, desk.tickets) == (1, {})
    assert "Admins only" in done.stderr


def test_priorities_of_other_systems_are_mapped_and_the_mapping_is_shown(run: Import, desk: Desk) -> None:
    words = ["Normal", "Highest", "P1", "-", "4", "Hoch", "Sev A", "banana"]
    rows = "".join(f"case {number},{word}\n" for number, word in enumerate(words))
    done = run(f"Text,Prio\n{rows}", "--priority", "Prio", "--priority-as", "sev a=urgent")
    found = {ticket["description"]: ticket.get("priority") for ticket in desk.tickets.values()}
    assert found == {"case 0": "medium", "case 1": "urgent", "case 2": "urgent", "case 3": None, "case 4": "low",
                     "case 5": "high", "case 6": "urgent"}  # fmt: skip
    assert "Normal → medium (1), Highest → urgent (1), P1 → urgent (1), - → none given (1)" in done.stdout
    assert "of numbers, 1 is the most urgent" in done.stdout
    assert "line 9: no priority is known as 'banana'" in done.stderr
    assert "one of low, medium" in run("Text\na\n", "--priority-as", "x=fast").stderr


def test_rows_that_were_refused_can_be_mended_in_a_file_of_their_own(run: Import, desk: Desk, tmp_path: Path) -> None:
    rejected = tmp_path / "rejected.csv"
    done = run(
        'Text;Team\nlamp;HR\nlift;IT/Net\n"a" b;HR\nx;y;z\n', "--department", "Team", "--rejected", str(rejected)
    )
    assert done.exit_code == 1
    with rejected.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["import_line", "import_reason", "Text", "Team"]
    assert [row[0] for row in rows] == ["3", "4", "5"]
    assert [row[2:] for row in rows] == [["lift", "IT/Net"], ['"a" b;HR\n'], ["x", "y", "z"]]
    mended = "\n".join(rejected.read_text("utf-8-sig").splitlines()[:2]).replace(",IT/Net", ",HR")
    assert run(mended, "--department", "Team", name="mended.csv").exit_code == 0
    assert len(desk.tickets) == 2


@pytest.mark.parametrize("where", ["/nonexistent/x.csv", "", "tickets.csv"])
def test_a_file_of_refused_rows_that_cannot_be_written_ends_the_import_before_it_begins(
    run: Import, desk: Desk, tmp_path: Path, where: str
) -> None:
    done = run("Text\na\n", "--rejected", str(tmp_path / where if where != "/nonexistent/x.csv" else where))
    assert done.exit_code != 0
    assert "Traceback" not in done.output
    assert desk.tickets == {}


ROWS = "Text\n" + "".join(f"case {number}\n" for number in range(40))


@pytest.mark.parametrize("forgotten", [False, True])
def test_the_same_file_again_makes_no_ticket_twice(run: Import, desk: Desk, forgotten: bool) -> None:
    assert run(ROWS + "case 1\n").exit_code == 0
    assert len(desk.tickets) == 41  # equal rows are tickets of their own
    if forgotten:
        desk.keys = {str(number): number for number in desk.tickets}  # as the server does after 24 hours
    done = run("Text\ninserted\n" + ROWS.removeprefix("Text\n").replace("case 7", "case seven") + "case 1\n")
    assert done.exit_code == 0, done.output
    assert len(desk.tickets) == 43
    assert "2 tickets sent" in done.stdout
    assert "40 rows were sent by an earlier import" in done.stdout


def test_the_server_alone_keeps_rows_from_coming_twice(run: Import, desk: Desk, tmp_path: Path) -> None:
    assert run(ROWS).exit_code == 0
    [memory] = (tmp_path / "home" / "imports").iterdir()
    memory.unlink()
    assert "40 rows were sent by an earlier import" in run(ROWS).stdout
    assert len(desk.tickets) == 40


def test_a_ticket_that_was_deleted_does_not_come_back(run: Import, desk: Desk, tmp_path: Path) -> None:
    run(ROWS)
    del desk.tickets[3]
    assert run(ROWS).exit_code == 0
    [memory] = (tmp_path / "home" / "imports").iterdir()
    memory.unlink()
    assert run(ROWS).exit_code == 0
    assert len(desk.tickets) == 39


def test_a_system_that_was_set_up_anew_gets_everything(run: Import, desk: Desk) -> None:
    run(ROWS)
    other = Desk(born="2026-02-02")
    assert run(ROWS, at=other).exit_code == 0
    assert len(other.tickets) == 40


def test_on_request_everything_is_sent_once_more_and_that_can_be_resumed_too(run: Import, desk: Desk) -> None:
    run(ROWS)
    desk.before_ticket = lambda number: away(number) if number >= 50 else None
    done = run(ROWS, "--again")
    assert "10 of 40 rows are sent, 30 are not. The same command without --again goes on from there" in done.stderr
    desk.before_ticket = lambda _: None
    assert run(ROWS).exit_code == 0
    assert len(desk.tickets) == 80
    assert run(ROWS, "--again").exit_code == 0
    assert len(desk.tickets) == 120


def test_ctrl_c_says_how_far_it_came_and_the_same_command_goes_on(
    run: Import, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[int] = []
    original, go_on = journal.Journal.record_sent, threading.Event()

    def interrupted(self: journal.Journal, key: str, ticket: int, at: str) -> None:
        original(self, key, ticket, at)
        noted.append(ticket)
        if len(noted) == 10:
            raise KeyboardInterrupt

    monkeypatch.setattr(journal.Journal, "record_sent", interrupted)
    monkeypatch.setattr(sending, "STOP_SECONDS", 0.1)
    desk.before_ticket = lambda number: number >= 20 and go_on.wait(60)  # type: ignore[assignment, return-value]
    done = run(ROWS)
    assert done.exit_code == 130
    assert re.search(r"stopped: \d\d of 40 rows are sent, \d\d are not", done.stderr)
    assert "The same command again goes on from there" in done.stderr
    assert "Aborted" not in done.output
    go_on.set()
    assert run(ROWS).exit_code == 0
    assert titles(desk) == sorted(f"case {number}" for number in range(40))


def test_a_system_that_goes_away_stops_the_import_which_goes_on_later(run: Import, desk: Desk) -> None:
    desk.before_ticket = lambda number: away(number) if number >= 25 else None
    done = run(ROWS)
    assert done.exit_code == 1
    assert "no answer from http://desk.example" in done.stderr
    assert "25 of 40 rows are sent, 15 are not. The same command again goes on from there" in done.stderr
    desk.before_ticket = lambda _: None
    assert run(ROWS).exit_code == 0
    assert len(desk.tickets) == 40


def test_a_ticket_is_put_into_its_old_department_once_and_not_again(run: Import, desk: Desk) -> None:
    content = "Text,Team\npay,HR\nlamp,Facilities\n"
    run(content, "--department", "Team")
    desk.tickets[1]["department"] = "Finance"  # a person decides otherwise
    assert run(content, "--department", "Team").exit_code == 0
    assert [ticket["department"] for ticket in desk.tickets.values()] == ["Finance", "Facilities"]
    assert desk.routed == 2


def test_a_damaged_journal_costs_nothing(run: Import, desk: Desk, tmp_path: Path) -> None:
    run(ROWS)
    [memory] = (tmp_path / "home" / "imports").iterdir()
    lines = memory.read_text().splitlines()
    assert json.loads(lines[0]).keys() == {"key", "ticket", "at"}
    memory.write_text("\n".join(["{", "[]", "1", '{"key": 3}', *lines[:5], lines[5][:10]]))
    assert run(ROWS).exit_code == 0
    assert len(desk.tickets) == 40


def test_only_the_first_rows_are_sent_where_a_limit_says_so(run: Import, desk: Desk) -> None:
    done = run('Text\na\n"b" c\nd\ne\n', "--limit", "3", "--delimiter", ",")
    assert (done.exit_code, titles(desk)) == (1, ["a", "d"])


def test_the_training_export_and_its_kin_can_be_imported(run: Import, desk: Desk) -> None:
    from io import BytesIO

    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Document", "Topic_group", "ticket_id"])
    book.active.append(["My payslip\nis wrong", "HR", 7])
    target = BytesIO()
    book.save(target)
    words = ("--description", "document", "--department", "topic_group")
    done = run(target.getvalue(), *words, name="tickets_training.xlsx")
    assert done.exit_code == 0, done.output
    assert [(t["title"], t["department"]) for t in desk.tickets.values()] == [("My payslip", "HR")]


def test_the_command_is_there() -> None:
    assert "--rejected" in CliRunner().invoke(main, ["import", "--help"]).output
