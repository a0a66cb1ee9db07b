"""Every command that a document prints is run as it stands; only localhost:5000 leads to the test's system."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from tests.stack import ROOT, Stack, eventually, free_port

SEED = Path(__file__).parent / "documents" / "seed_002.md"
STREAM = "/api/changes"
"""It has no end: another test reads it."""
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A system of this file's own: the documents speak of ticket 1, which other tests may have deleted."""
    with Stack({"WEBHOOK_PORTS": "any"}) as running:
        assert running.create().json()["id"] == 1
        yield running


def blocks(document: Path, language: str) -> Iterator[str]:
    for kind, text in BLOCK.findall(document.read_text(encoding="utf-8")):
        if kind == language:
            yield text


def curls(document: Path) -> list[str]:
    """Return the blocks that only talk to the API."""
    return [text for text in blocks(document, "bash") if text.lstrip().startswith("curl") and STREAM not in text]


def in_bash(stack: Stack, script: str) -> list[str]:
    """Return the command that runs a block; `curl` finds localhost:5000 at the test's gateway.

    It fails on a status of 400 and above.
    """
    wrapper = (
        f"curl() {{ command curl --silent --show-error --fail-with-body "
        f'--connect-to localhost:5000:127.0.0.1:{stack.ports["api-gateway"]} "$@"; }}\n'
        "set -euo pipefail\n"
    )
    return ["bash", "-c", wrapper + script]


def run(stack: Stack, script: str) -> str:
    """Run a block in bash and return its output."""
    done = subprocess.run(in_bash(stack, script), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("script", curls(SEED))
def test_a_curl_of_the_first_document(stack: Stack, script: str) -> None:
    assert json.loads(run(stack, script))


def test_the_curls_of_the_page_on_workflows_in_their_order(stack: Stack) -> None:
    """On a ticket of its own: other documents change the first one."""
    ticket = stack.create().json()["id"]
    task = eventually(lambda: stack.get(f"/api/tickets/{ticket}")["task"], bool)["task_id"]
    for script in curls(ROOT / "docs" / "workflows.md"):
        own = script.replace("/api/tickets/1", f"/api/tickets/{ticket}").replace("/api/tasks/1", f"/api/tasks/{task}")
        assert run(stack, own)
    assert stack.get(f"/api/tasks/{task}")["current_step"] == "Assign to Team"
    assert stack.get("/api/workflows?state=deployed")["items"][-1]["name"] == "Hardware requests"


def test_the_curls_of_the_page_on_tickets_of_another_help_desk(stack: Stack) -> None:
    (script,) = curls(ROOT / "docs" / "hdts.md")
    assert '"external_ticket_id":"HD-2026-0042"' in run(stack, script).replace(" ", "")
    ticket = stack.get("/api/tickets?q=HD-2026-0042")["tickets"][0]
    assert (ticket["category"], ticket["sub_category"], ticket["priority"]) == ("Hardware", "Laptop", "urgent")
    run(stack, script)
    assert [each["id"] for each in stack.get("/api/tickets?q=HD-2026-0042")["tickets"]] == [ticket["id"]]
    routed = eventually(lambda: stack.get(f"/api/tickets/{ticket['id']}"), lambda shown: shown["task"] is not None)
    assert (routed["category"], routed["sub_category"], routed["priority"]) == ("Hardware", "Laptop", "urgent")
    task = stack.get(f"/api/tasks/{routed['task']['task_id']}")
    assert (task["external_ticket_id"], task["priority"]) == ("HD-2026-0042", "urgent")


def test_the_curls_of_the_page_on_sla_in_their_order(stack: Stack) -> None:
    eventually(lambda: stack.get("/api/tickets/1")["task"], bool)
    for script in curls(ROOT / "docs" / "sla.md"):
        assert run(stack, script)
    eventually(lambda: stack.get("/api/policy-applications/1")["state"], lambda state: state == "done")


@pytest.mark.parametrize("script", curls(ROOT / "README.md"))
def test_a_curl_of_the_readme(stack: Stack, script: str) -> None:
    eventually(lambda: stack.get("/api/tickets/1")["department"], bool)
    assert run(stack, script)


@contextmanager
def running(command: list[str]) -> Iterator[Iterator[str]]:
    """Run a program that ends by a signal alone, and yield the lines of its output."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        try:
            yield iter(process.stdout)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_the_readmes_clients_of_real_time(stack: Stack) -> None:
    (stream,) = [text for text in blocks(ROOT / "README.md", "bash") if STREAM in text]
    (client,) = [text for text in blocks(ROOT / "README.md", "python") if "/ws/" in text]
    own = client.replace("localhost:5000", f"127.0.0.1:{stack.ports['api-gateway']}")
    with running(in_bash(stack, stream)) as changes, running([sys.executable, "-u", "-c", own]) as messages:
        for lines in (changes, messages):
            assert any("connection_established" in line for line in lines)
        body = {"text": "Is it plugged in?"}
        assert requests.post(f"{stack.url}/api/tickets/1/comments", json=body, timeout=60).status_code == 201
        for lines in (changes, messages):
            assert any("comment_update" in line for line in lines)


def test_the_page_on_webhooks_from_the_first_message_to_its_replay(stack: Stack) -> None:
    page = ROOT / "docs" / "webhooks.md"
    create, ping, deliveries, replay = curls(page)
    port = free_port()
    added = json.loads(run(stack, create.replace("https://hooks.company.example", f"http://127.0.0.1:{port}")))
    receiver = "\n".join(blocks(page, "python")).replace("8443", str(port)).replace("whsec_…", added["secret"])
    webhook = f"/api/webhooks/{added['id']}"
    with running([sys.executable, "-u", "-c", receiver]) as messages:
        number = json.loads(run(stack, ping.replace("/api/webhooks/1", webhook)))["id"]
        first = next(messages).split(maxsplit=2)
        assert (first[1], json.loads(first[2])["type"]) == ("True", "webhook.ping")

        def states() -> list[str]:
            listed = json.loads(run(stack, deliveries.replace("/api/webhooks/1", webhook)))
            return [each["state"] for each in listed["items"]]

        eventually(states, lambda found: found == ["delivered"])
        own = replay.replace("/api/webhooks/1", webhook).replace("/deliveries/1/", f"/deliveries/{number}/")
        run(stack, own)
        assert next(messages).split(maxsplit=2) == first


def test_the_readmes_way_to_an_api_key(stack: Stack) -> None:
    """Its blocks need each other, and another test runs the first of them, too: so it is another person here."""
    section = [text for text in blocks(ROOT / "README.md", "bash") if "/api/auth/login" in text]
    made = run(stack, "\n".join(section).replace("ben@", "bea@").replace('"Ben"', '"Bea"'))
    assert '"key":"stk_' in made


@pytest.mark.parametrize("request_text", list(blocks(SEED, "http")))
def test_a_request_of_the_first_document(stack: Stack, request_text: str) -> None:
    head, _, body = request_text.partition("\n\n")
    method, path = head.splitlines()[0].split(" ")
    headers = dict(line.split(": ") for line in head.splitlines()[1:])
    ticket = stack.create().json()
    eventually(lambda: stack.get(f"/api/tickets/{ticket['id']}")["department"], bool)
    path = path.replace("{id}", str(ticket["id"])).replace("{ticket_id}", str(ticket["id"]))
    path = path.replace("{department_name}", quote("IT Support"))
    response = requests.request(method, stack.url + path, data=body or None, headers=headers, timeout=60)
    assert response.status_code == (201 if (method, path) == ("POST", "/api/tickets") else 200), response.text
    assert response.json()


def test_the_summary_has_the_documents_fields(stack: Stack) -> None:
    summary = stack.get("/api/dashboard/summary")
    assert {"total_tickets", "by_department", "by_status", "average_confidence", "recent_tickets_24h"} <= set(summary)
    assert {"IT Support", "HR", "Facilities", "Finance", "General"} <= set(summary["by_department"])
    assert {"pending", "in_progress", "on_hold", "resolved", "closed"} <= set(summary["by_status"])
