"""Files that commands read or write: what is wrong with one is said at once, and nothing is saved in part."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
import requests
from click.testing import CliRunner, Result
from launcher.cli import main
from launcher.client import Gateway
from launcher.commands import lifecycle
from launcher.commands.evaluating import evaluate
from launcher.commands.knowledge import rag
from launcher.data_directory import DataDirectory
from openpyxl import Workbook

from .desk import answer, problem

PNG = b"\x89PNG"
FIGURES = {"examples": 20, "accuracy": 1.0, "macro_f1": 1.0, "calibration_error": 0.0, "accepted": 1.0,
           "precision": 1.0, "confusion": {}}  # fmt: skip
REPORT = {"texts": 20, "labels": 2, "duplicates": 0, "commonest": 0.5, "trained": FIGURES, "zero_shot": None,
          "recorded": None, "recorded_by_people": None,
          "cost": {"cpu_ms_per_text": 1.0, "training_cpu_seconds": 1.0, "tokens": 0, "usd": 0.0}}  # fmt: skip


class Models(Gateway):
    """Evaluates at once, and keeps questions; `failing` says which call of POST /rag/questions fails."""

    def __init__(self) -> None:
        super().__init__("http://models.example")
        self.asked: list[dict[str, Any]] = []
        self.questions: dict[int, Any] = {}
        self.picture = answer(200, {})
        self.picture._content = PNG
        self.failing = 0
        self.calls = 0
        self.numbers = 0

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        parts = path.strip("/").split("/")
        match method, parts:
            case "POST", ["api", "evaluation"]:
                self.asked.append(options)
                return answer(202, {"id": 1, "plan": {"notes": ["file: read as CP1252"]}})
            case "GET", ["api", "evaluation", "1"]:
                return answer(200, {"id": 1, "name": "x", "state": "done", "ended_at": "now", "report": REPORT})
            case "GET", ["api", "evaluation", "1", "reliability.png"]:
                return self.picture
            case "GET", ["rag", "questions"]:
                return answer(200, {"items": [{"id": number} for number in self.questions], "next": None})
            case "POST", ["rag", "questions"]:
                self.calls += 1
                if self.calls == self.failing:
                    return problem(503, "busy", "Ask later.")
                ids = [self.numbers + place for place in range(1, len(options["json"]["items"]) + 1)]
                self.numbers += len(ids)
                self.questions |= zip(ids, options["json"]["items"], strict=True)
                names = [name for item in options["json"]["items"] for name in item["expected"]]
                return answer(201, {"ids": ids, "not_found": [name for name in names if name.startswith("missing")]})
            case "DELETE", ["rag", "questions", number]:
                del self.questions[int(number)]
                return answer(200, {})
        raise AssertionError((method, path))

    def send_with_retry(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.send(method, path, **options)


@pytest.fixture
def models() -> Models:
    return Models()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "old.csv"
    found.write_text("Text,Team\nlamp,Facilities\n")
    return found


@pytest.fixture
def command(models: Models) -> Callable[..., Result]:
    def command(group: click.Command, *words: object) -> Result:
        return CliRunner().invoke(group, [str(word) for word in words], obj={"gateway": models})

    return command


Command = Callable[..., Result]


@pytest.mark.parametrize("where", ["/nonexistent/x.png", "/proc/x.png", "."])
def test_a_diagram_that_cannot_be_written_ends_the_command_before_it_measures(
    command: Command, models: Models, file: Path, where: str
) -> None:
    done = command(evaluate, file, "--png", where)
    assert done.exit_code != 0
    assert where in done.stderr
    assert isinstance(done.exception, SystemExit)
    assert models.asked == []


def test_a_diagram_needs_something_to_draw(command: Command, tmp_path: Path) -> None:
    assert "name a FILE or --backtest" in command(evaluate, "--png", tmp_path / "x.png").stderr


def test_a_diagram_is_written_whole_or_not_at_all(command: Command, models: Models, file: Path) -> None:
    png = file.with_name("x.png")
    assert command(evaluate, file, "--png", png).exit_code == 0
    assert png.read_bytes() == PNG
    models.picture = problem(404, "chart_not_found", "evaluation 1 has no picture yet")
    png.write_bytes(b"mine")
    done = command(evaluate, file, "--png", png)
    assert (done.exit_code, png.read_bytes()) == (1, b"mine")
    assert "no picture yet" in done.stderr
    assert sorted(path.name for path in file.parent.iterdir()) == ["old.csv", "x.png"]


def test_how_the_file_was_read_is_shown_beside_the_json(command: Command, models: Models, file: Path) -> None:
    done = command(evaluate, file, "--json", "--text", "Text, long", "--text", "Text", "--encoding", "cp1252")
    assert json.loads(done.stdout)["state"] == "done"
    assert "file: read as CP1252" in done.stderr
    fields = models.asked[0]["data"]
    assert (fields["text"], fields["encoding"], fields["name"]) == ('"Text, long",Text', "cp1252", "old.csv")


def test_a_workbook_is_sent_as_csv(command: Command, models: Models, tmp_path: Path) -> None:
    book, file = Workbook(), tmp_path / "tickets_training.xlsx"
    book.active.append(["Document", "Topic_group"])
    book.active.append(["a, b", "HR"])
    book.save(file)
    assert command(evaluate, file).exit_code == 0
    assert models.asked[0]["files"]["file"][1] == b'Document,Topic_group\r\n"a, b",HR\r\n'
    book.active.append(["c", "IT", "a note"])
    book.save(file)
    assert "line 3: cells beside the 2 columns" in command(evaluate, file).stderr


def lines(*items: Any) -> bytes:
    return b"".join(json.dumps(item, ensure_ascii=False).encode() + b"\n" for item in items)


GOOD = {"question": "How do I reset\u2028my password?", "expected": ["vpn.pdf"]}


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\n\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_questions_are_saved_whatever_begins_the_file_and_ends_its_lines(
    command: Command, models: Models, file: Path, mark: bytes, ending: bytes
) -> None:
    content = mark + lines(GOOD).replace(b"\n", ending)
    file.write_bytes(content)
    done = command(rag, "questions", file)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("1 question saved")
    assert list(models.questions.values()) == [GOOD]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (lines(GOOD) + b'{"question": "Caf\xe9?", "expected": ["a"]}\n', "line 2: byte 18 is not UTF-8"),
        (lines(GOOD).decode().encode("utf-16"), "line 1: byte 1 is not UTF-8"),
        (lines(GOOD) + b"{", "line 2: not JSON"),
        (lines(GOOD, ["question", "expected"]), "line 2: write"),
        (lines(GOOD, GOOD | {"question": " "}), "line 2: the question must be a text"),
        (lines(GOOD, GOOD | {"question": 3}), "line 2: the question must be a text"),
        (lines(GOOD) + b'{"question": "\\ud800", "expected": ["a"]}', "line 2: the question must be a text"),
        (lines(GOOD, GOOD | {"expected": "vpn.pdf"}), "line 2: expected must be a list"),
        (lines(GOOD, GOOD | {"expected": []}), "line 2: expected must be a list"),
        (lines(GOOD, GOOD | {"expected": ["a", None]}), "line 2: each name"),
        (lines(GOOD) + b"[" * 100_000, "line 2: "),
        (b"\n \n", "holds no question"),
    ],
)
def test_questions_that_cannot_be_read_are_named_and_nothing_is_changed(
    command: Command, models: Models, file: Path, content: bytes, says: str
) -> None:
    models.questions = {1: "an older one"}
    file.write_bytes(content)
    done = command(rag, "questions", file, "--replace")
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert says in done.stderr
    assert models.questions == {1: "an older one"}


@pytest.mark.parametrize("replace", [True, False])
def test_questions_are_saved_all_or_not_at_all(command: Command, models: Models, file: Path, replace: bool) -> None:
    models.questions, models.numbers = {1: "an older one"}, 1
    file.write_bytes(lines(*[GOOD | {"question": f"Question {number}?"} for number in range(450)]))
    words = ("questions", file, *(["--replace"] if replace else []))
    models.failing = 3
    assert command(rag, *words).exit_code == 1
    assert models.questions == {1: "an older one"}
    assert command(rag, *words).exit_code == 0
    assert len(models.questions) == (450 if replace else 451)


def test_expected_files_that_do_not_exist_are_named(command: Command, models: Models, file: Path) -> None:
    file.write_bytes(lines(GOOD, GOOD | {"expected": ["missing.pdf", "vpn.pdf"]}))
    done = command(rag, "questions", file)
    assert (done.exit_code, len(models.questions)) == (0, 2)
    assert "don't exist, so their questions count as not answered: missing.pdf;" in done.stderr
    assert "vpn.pdf" not in done.stderr


@pytest.mark.parametrize("words", [(), ("--home", "elsewhere")])
def test_commands_ask_the_system_that_runs_in_the_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("GATEWAY_PORT", "SMARTTICKET_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "elsewhere").mkdir()
    home = DataDirectory(tmp_path / "elsewhere")
    if not words:
        monkeypatch.setenv("SMARTTICKET_HOME", "elsewhere")
    asked = (*words, "rag", "documents")
    running = subprocess.Popen([sys.executable, "-c", "input()", "launcher"], stdin=subprocess.PIPE)
    try:
        home.write_state({"pid": running.pid, "ports": {"api-gateway": 9}, "ready": True})
        assert "http://127.0.0.1:9 " in CliRunner().invoke(main, asked).stderr
        monkeypatch.setenv("GATEWAY_PORT", "11")
        assert "http://127.0.0.1:11 " in CliRunner().invoke(main, asked).stderr
    finally:
        running.communicate()
    monkeypatch.delenv("GATEWAY_PORT")
    assert lifecycle.running_port(home) is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--home", "file", "up"], "file"),
        (["--home", "file", "run"], "file"),
        (["--url", "nonsense", "status"], "nonsense"),
        (["--key", "clé€", "status"], "key or token"),
        (["import", "folder", "--description", "x"], "is a directory"),
        (["evaluate", "missing.csv"], "does not exist"),
    ],
)
def test_what_the_operating_system_refuses_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEWAY_PORT", "9")
    Path("file").touch()
    Path("folder").mkdir()
    done = CliRunner().invoke(main, words)
    assert done.exit_code != 0
    assert isinstance(done.exception, SystemExit), done.exception
    assert says in done.stderr


def test_settings_that_are_not_utf_8_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_bytes(b"NAME=Caf\xe9\n")
    done = CliRunner().invoke(main, ["status"])
    assert (done.exit_code, ".env is not UTF-8" in done.stderr) == (1, True)


def test_an_answer_that_is_no_json_is_said_to_come_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    page = answer(200, {})
    page._content = io.BytesIO(b"<html>").getvalue()
    gateway = Gateway("http://elsewhere.example")
    monkeypatch.setattr(gateway, "send", lambda *_, **__: page)
    with pytest.raises(click.ClickException, match="is it the gateway's address"):
        gateway.get("/api/health")
