"""The commands where the system runs elsewhere, such as in containers: what works by the API, and what says why not."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from launcher.cli import main

Run = Callable[..., Result]


class Elsewhere(BaseHTTPRequestHandler):
    """A gateway that knows one API key."""

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == "Bearer stk_known"
        body: dict[str, object] = {"detail": "Sign in first.", "code": "unauthorized"}
        if self.path.startswith("/api/health"):
            known, body = True, {"status": "healthy", "services": {"auth-service": {"status": "healthy"}}}
        elif self.path == "/metrics":
            known, body = True, {}
        elif known:
            body = {"count": 0, "items": [], "next": None, "missing": [], "hops": [], "total_ms": None}
        content = json.dumps(body).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Give the address of another system's gateway."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs a command in a folder without any system."""
    monkeypatch.chdir(tmp_path)
    for name in ("SMARTTICKET_URL", "SMARTTICKET_API_KEY", "SMARTTICKET_HOME", "RABBITMQ_URL"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str, **environment: str) -> Result:
        return CliRunner(env={**os.environ, **environment}).invoke(main, list(arguments))

    return command


@pytest.mark.parametrize(
    ("url", "example"),
    [
        ("localhost:7000", "http://localhost:7000"),
        ("desk.example", "http://desk.example"),
        ("ftp://desk.example", "http://localhost:5000"),
        ("http://", "http://localhost:5000"),
        ("http://desk.example:port", "http://localhost:5000"),
    ],
)
def test_what_is_no_address_is_refused_with_one_that_is(run: Run, url: str, example: str) -> None:
    for result in (run("--url", url, "rag", "documents"), run("users", "list", SMARTTICKET_URL=url)):
        assert result.exit_code == 1
        assert f"{url} is no address of a gateway; give one such as {example}: --url" in " ".join(result.output.split())


@pytest.mark.parametrize("command", [("dead-letters", "list"), ("trace", "1"), ("doctor",)])
def test_reading_commands_work_by_address_and_key(run: Run, elsewhere: str, command: tuple[str, ...]) -> None:
    assert run("--url", elsewhere, "--key", "stk_known", *command).exit_code == 0
    assert run(*command, SMARTTICKET_URL=elsewhere, SMARTTICKET_API_KEY="stk_known").exit_code == 0


@pytest.mark.parametrize("command", [("dead-letters", "list"), ("trace", "1"), ("rag", "documents")])
def test_without_a_key_they_say_which_one_is_needed(run: Run, elsewhere: str, command: tuple[str, ...]) -> None:
    done = run("--url", elsewhere, *command)
    assert done.exit_code == 1
    assert "give the API key of an admin: --key, SMARTTICKET_API_KEY" in done.output


@pytest.mark.parametrize("command", [("users", "list"), ("companies", "list"), ("companies", "deleted")])
def test_commands_that_open_the_database_say_how_they_run_in_containers(
    run: Run, elsewhere: str, command: tuple[str, ...]
) -> None:
    done = run("--url", elsewhere, *command)
    assert done.exit_code == 1
    assert f"can't reach {elsewhere}" in done.output
    assert "docker compose exec auth-service python -m auth_service.command_line" in done.output
    without = run(*command)
    assert without.exit_code == 1
    assert "no system of" in without.output
    assert "docker compose exec auth-service" in without.output


@pytest.mark.parametrize("command", [("users", "list"), ("companies", "list")])
def test_commands_that_open_the_database_refuse_a_key_that_they_would_not_use(
    run: Run, command: tuple[str, ...]
) -> None:
    done = run("--key", "stk_known", *command)
    assert done.exit_code == 1
    assert "it uses no key. Leave out --key" in done.output
    assert "it uses no key" not in run(*command, SMARTTICKET_API_KEY="stk_known").output


def test_an_address_where_nothing_answers_is_named_with_the_options(run: Run) -> None:
    done = run("--url", "http://127.0.0.1:9", "trace", "1")
    assert "no answer from http://127.0.0.1:9" in done.output
    assert "--url, SMARTTICKET_URL" in done.output
