"""`smart-ticket up` on one machine: PostgreSQL from the wheel, every service in one process."""

import os
import signal
import socket
import tempfile
from pathlib import Path

import psutil
import pytest
import requests

from tests.files import CONTENTS, KIB, pass_whole
from tests.stack import eventually

from .one_machine import OneMachine, RunningMachine


def test_up_prints_the_address_and_the_logins(machine: RunningMachine) -> None:
    assert machine.url.replace("127.0.0.1", "localhost") in machine.printed
    assert (machine.folder / "home" / "secrets" / "demo_password").read_text() in machine.printed
    assert "requester@demo.example" in machine.printed


def test_the_local_model_gets_ready_by_itself(machine: OneMachine) -> None:
    question = {"title": "Help", "description": "Somebody took money off my card."}

    def ask() -> str:
        said = requests.post(machine.url + "/api/categorize", json=question, timeout=60).json()
        return f"{said.get('decided_by')} {said.get('department')}"  # a problem while the model is made has neither

    eventually(ask, lambda said: said == "bert Finance")
    assert (machine.folder / "home" / "models" / "encoder" / "manifest.json").is_file()


def test_what_people_decide_is_learnt_from(machine: OneMachine) -> None:
    for number, department in enumerate(("HR", "Finance")):
        ticket = {
            "title": f"Strange noise {number}",
            "description": "It hums.",
            "user_name": "J",
            "user_email": "j@a.example",
        }
        created = requests.post(machine.url + "/api/tickets", json=ticket, timeout=60).json()
        order = {"department": department}
        assert requests.put(f"{machine.url}/api/route/{created['id']}", json=order, timeout=60).status_code == 200
    asked = requests.post(machine.url + "/api/training", timeout=60)
    assert asked.status_code == 202, asked.text
    run = eventually(
        lambda: requests.get(machine.url + asked.headers["Location"], timeout=60).json(),
        lambda run: run["ended_at"] is not None,
    )
    assert (run["state"], run["error"]) == ("kept", None)
    assert requests.get(machine.url + "/api/models", timeout=60).status_code == 200


def test_the_demo_sends_fifty_tickets_and_the_counts_agree(machine: OneMachine) -> None:
    demo = machine.command("demo")
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "50 tickets sent and 50 routed" in demo.stdout
    assert "the counts agree" in demo.stdout


def test_files_of_any_bytes_come_out_as_they_went_in(machine: OneMachine) -> None:
    for name, content in CONTENTS.values():
        pass_whole(machine.url, name, content)
    pass_whole(machine.url, "large.txt", b"ab\r\n" * (25 * 256 * KIB))


def test_a_csv_is_imported_and_a_bad_row_is_told_with_its_line(machine: OneMachine) -> None:
    table = machine.folder / "tickets.csv"
    table.write_text('Topic,Text\nAccess,"reset my password"\nBroken,\nHardware,"laptop, black screen"\n', "utf-8")
    done = machine.command("import", str(table), "--title", "Topic", "--description", "Text")
    assert done.returncode == 1
    assert "2 tickets sent and 2 routed" in done.stdout
    assert "line 3: " in done.stderr
    assert "description" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import", "nowhere.csv", "--description", "x"), "does not exist"),
        (("import", "tickets.csv", "--description", "Nothing"), "has no column Nothing"),
        (("trace", "999999"), "no service has an event of ticket 999999"),
        (("dead-letters", "show", "ticket-service", "999999"), "no dead letter 999999"),
    ],
)
def test_a_command_that_cannot_work_says_why(machine: OneMachine, words: tuple[str, ...], said: str) -> None:
    (machine.folder / "tickets.csv").write_text("Topic,Text\nA,b\n", "utf-8")
    done = machine.command(*words)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_ticket_can_be_traced(machine: OneMachine) -> None:
    ticket = requests.post(
        machine.url + "/api/tickets",
        json={"title": "VPN", "description": "vpn down", "user_name": "A", "user_email": "a@company.example"},
        timeout=60,
    ).json()
    eventually(lambda: machine.command("trace", str(ticket["id"])).stdout, lambda text: "ticket.routed" in text)


def test_a_second_up_is_refused_and_the_first_goes_on(machine: OneMachine) -> None:
    again = machine.command("up")
    assert again.returncode != 0
    assert "already running" in again.stderr
    eventually(lambda: requests.get(machine.url + "/api/health", timeout=60).json()["status"] == "healthy")


def test_doctor_and_status_find_nothing_wrong(machine: OneMachine) -> None:
    for word in ("status", "doctor"):
        done = machine.command(word)
        assert done.returncode == 0, done.stdout + done.stderr


def test_down_and_up_again_keep_the_tickets(machine: OneMachine) -> None:
    def counted() -> int:
        return int(requests.get(machine.url + "/api/dashboard/summary", timeout=60).json()["total_tickets"])

    ticket = {"title": "VPN", "description": "vpn down", "user_name": "A", "user_email": "a@company.example"}
    made = requests.post(machine.url + "/api/tickets", json=ticket, timeout=60).json()
    before = eventually(counted)
    [server] = (machine.folder / "home").rglob("postmaster.pid")
    # Its fifth line is the folder of a Unix socket, which would be left behind; there is none.
    assert server.read_text(encoding="utf-8").splitlines()[4] == ""
    assert machine.command("down").returncode == 0
    assert sockets(machine) == [], "no socket is left behind"
    with pytest.raises(requests.ConnectionError):
        requests.get(machine.url, timeout=2)
    started = machine.command("up")
    assert started.returncode == 0, started.stdout + started.stderr
    # What was on its way to the counts when the system went down arrives now.
    assert counted() >= before
    assert requests.get(f"{machine.url}/api/tickets/{made['id']}", timeout=60).json()["title"] == "VPN"


def sockets(machine: OneMachine) -> list[str]:
    return sorted(path.name for path in (machine.folder / "home").glob("*.sock"))


def test_up_heals_after_the_system_was_killed(machine: OneMachine) -> None:
    before = requests.get(machine.url + "/api/dashboard/summary", timeout=60).json()["total_tickets"]
    process = psutil.Process(machine.pid())
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    left = sockets(machine)
    started = machine.command("up")
    assert started.returncode == 0, started.stdout + started.stderr
    # The embedded database has another port now, and with it each socket another name: the old ones are removed.
    assert len(sockets(machine)) <= len(left)
    assert requests.get(machine.url + "/api/dashboard/summary", timeout=60).json()["total_tickets"] >= before


def test_outside_development_mode_people_log_in_and_the_commands_have_a_key_of_their_own() -> None:
    with tempfile.TemporaryDirectory(prefix="st-one-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        machine = OneMachine(Path(folder))
        secrets = Path(folder) / "home" / "secrets"
        started = machine.command("up", SMARTTICKET_ENV="production")
        try:
            assert started.returncode == 0, started.stdout + started.stderr
            assert "demo.example" not in started.stdout
            assert requests.get(machine.url + "/api/tickets", timeout=60).status_code == 401
            added = machine.command("users", "add", "ada@desk.example", SMARTTICKET_ENV="production")
            assert added.returncode == 0, added.stderr
            password = added.stdout.split()[-1]
            login = {"email": "ada@desk.example", "password": password}
            tokens = requests.post(machine.url + "/api/auth/login", json=login, timeout=60).json()
            bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
            assert requests.get(machine.url + "/api/tickets", headers=bearer, timeout=60).status_code == 200
            assert not (secrets / "operator_api_key").exists()
            for command in (["doctor"], ["dead-letters", "list"], ["refill", "ai-service.categorize"], ["models"]):
                done = machine.command(*command)
                assert done.returncode == 0, done.stdout + done.stderr
            key = (secrets / "operator_api_key").read_text()
            assert machine.command("status").returncode == 0
            assert (secrets / "operator_api_key").read_text() == key
            bearer = {"Authorization": f"Bearer {key}"}
            refused = requests.get(machine.url + "/api/api-keys", headers=bearer, timeout=60)
            assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
        finally:
            machine.command("down")


def test_up_makes_and_prints_a_login_for_each_role_and_keeps_it(machine: OneMachine) -> None:
    password = (machine.folder / "home" / "secrets" / "demo_password").read_text()
    for role in ("requester", "agent", "manager", "admin"):
        login = {"email": f"{role}@demo.example", "password": password}
        answer = requests.post(machine.url + "/api/auth/login", json=login, timeout=60)
        assert answer.status_code == 200, answer.text
        assert answer.json()["user"]["role"] == role
    listed = machine.command("users", "list").stdout
    assert listed.count("@demo.example") == 4


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"CONSUMER_PREFETCH": "many"}, "CONSUMER_PREFETCH"),
        ({"GATEWAY_PORT": "99999999"}, "GATEWAY_PORT"),
    ],
)
def test_a_broken_setting_is_named_and_nothing_is_left_running(settings: dict[str, str], said: str) -> None:
    with tempfile.TemporaryDirectory(prefix="st-one-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        machine = OneMachine(Path(folder))
        done = machine.command("up", **settings)
        assert done.returncode != 0
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert not left_in(folder)


def test_a_taken_port_is_named_with_who_has_it() -> None:
    with tempfile.TemporaryDirectory(prefix="st-one-") as folder, socket.socket() as taken:
        machine = OneMachine(Path(folder))
        taken.bind(("127.0.0.1", machine.ports["AI_PORT"]))
        taken.listen()
        done = machine.command("up")
        assert done.returncode != 0
        assert f"port {machine.ports['AI_PORT']} is taken by process {os.getpid()}" in done.stderr
        assert "AI_PORT" in done.stderr
        assert not left_in(folder)


def left_in(folder: str) -> list[psutil.Process]:
    """Return the processes that still work for a home."""
    return [
        process for process in psutil.process_iter(["cmdline"]) if folder in " ".join(process.info["cmdline"] or [])
    ]
