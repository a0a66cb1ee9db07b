"""The commands' credentials: the caller's own, else the key of this machine's system after a 401."""

import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from launcher.cli import main
from launcher.client import Gateway
from launcher.data_directory import OPERATOR_KEY, DataDirectory
from launcher.operator_access import demo_password, own_keys


class Locked(ThreadingHTTPServer):
    """Answers 401, but to the one good key."""

    request_queue_size = 64

    good: str = "good"
    sent: list[str]
    bodies: list[bytes]


class Answer(BaseHTTPRequestHandler):
    server: Locked

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def do_GET(self) -> None:
        credentials = self.headers.get("Authorization", "")
        self.server.sent.append(credentials)
        self.send_response(200 if credentials == f"Bearer {self.server.good}" else 401)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def locked() -> Iterator[Locked]:
    with Locked(("127.0.0.1", 0), Answer) as server:
        server.sent, server.bodies = [], []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def url(server: Locked) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_a_refused_key_is_followed_by_the_next_and_the_good_one_is_kept(locked: Locked) -> None:
    gateway = Gateway(url(locked), own_keys=iter(["old", "good", "never"]))
    assert gateway.get("/") == {}
    assert gateway.get("/") == {}
    assert locked.sent == ["", "Bearer old", "Bearer good", "Bearer good"]


def test_a_file_is_sent_whole_with_the_next_key(locked: Locked, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# Opening hours", encoding="utf-8")
    gateway = Gateway(url(locked), own_keys=iter(["old", "good"]))
    with (tmp_path / "notes.md").open("rb") as file:
        gateway.send("POST", "/api/files", files={"file": ("notes.md", file)})
    assert [b"# Opening hours" in body for body in locked.bodies] == [True, True, True]


def test_parallel_requests_take_one_key_between_them(locked: Locked) -> None:
    taken: list[str] = []

    def keys() -> Iterator[str]:
        for key in ("old", "good", "never"):
            taken.append(key)
            yield key

    gateway = Gateway(url(locked), own_keys=keys())
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: gateway.get("/"), range(40))) == [{}] * 40
    assert taken == ["old", "good"]


def test_without_a_401_no_key_is_made(locked: Locked) -> None:
    def keys() -> Iterator[str]:
        pytest.fail("a key was asked for")
        yield ""

    locked.good = "theirs"
    assert Gateway(url(locked), "theirs", keys()).get("/") == {}
    Gateway(url(locked), "wrong", keys()).send("GET", "/")
    assert locked.sent == ["Bearer theirs", "Bearer wrong"]


@pytest.mark.parametrize("named", ["--url", "SMARTTICKET_URL"])
def test_another_systems_gateway_never_sees_this_machines_key(locked: Locked, tmp_path: Path, named: str) -> None:
    DataDirectory(tmp_path).replace_secret(OPERATOR_KEY, "good")
    words = ["--home", str(tmp_path), *(["--url", url(locked)] if named == "--url" else []), "status"]
    done = CliRunner().invoke(main, words, env={"SMARTTICKET_URL": url(locked)} if named != "--url" else {})
    assert done.exit_code != 0
    assert locked.sent == [""]


def test_where_no_system_runs_the_stored_key_is_all_there_is(tmp_path: Path) -> None:
    home = DataDirectory(tmp_path)
    assert list(own_keys(home)) == []
    home.replace_secret(OPERATOR_KEY, "stored")
    assert list(own_keys(home)) == ["stored"]


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    home = DataDirectory(tmp_path)
    assert demo_password(home) == demo_password(home)
    home.replace_secret(OPERATOR_KEY, "key")
    for name in (OPERATOR_KEY, "demo_password"):
        assert stat.S_IMODE((tmp_path / "secrets" / name).stat().st_mode) == 0o600
    home.replace_secret(OPERATOR_KEY, "")
    assert home.existing_secret(OPERATOR_KEY) == ""


def test_the_commands_for_people_need_a_running_system(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--home", str(tmp_path), "users", "list"])
    assert done.exit_code != 0
    assert "smart-ticket up" in done.output
    assert {"add", "list", "reset-link"} <= set(CliRunner().invoke(main, ["users", "--help"]).output.split())
