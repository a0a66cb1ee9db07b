"""Real time through the whole system: a change is seen by event stream and WebSocket, and outlives a cut."""

import json
import signal
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import requests
from websockets.sync.client import connect

from tests.stack import Stack, eventually

WAIT_SECONDS = 120


def events(response: requests.Response) -> Iterator[tuple[str, Any]]:
    """Yield the events of a stream; an id that stands alone comes as the event `id`."""
    kind = ""
    for line in response.iter_lines():
        name, _, value = line.decode().partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)
        elif name == "id":
            yield "id", value


def changes(stack: Stack, cursor: str = "") -> Any:
    """Open a stream that is connected."""
    headers = {"Last-Event-ID": cursor} if cursor else {}
    response = requests.get(stack.url + "/api/changes", headers=headers, stream=True, timeout=WAIT_SECONDS)
    assert response.status_code == 200, response.text
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "Content-Encoding" not in response.headers
    return closing(response)


def test_a_ticket_and_its_comments_are_seen_as_they_happen(polling: Stack) -> None:
    with changes(polling) as response:
        seen = events(response)
        assert next(seen)[0] == "connection_established"
        number = polling.create(1).json()["id"]
        kinds: set[str] = set()
        while not {"created", "routed", "assigned"} <= kinds:
            kind, content = next(seen)
            if kind == "ticket_update" and content["ticket_id"] == number:
                kinds |= set(content["kinds"])
        address = polling.url.replace("http://", "ws://")
        with connect(f"{address}/ws/comments/{number}", open_timeout=WAIT_SECONDS) as socket:
            assert json.loads(socket.recv(WAIT_SECONDS))["type"] == "connection_established"
            comment = {"text": "Call the vendor.", "internal": True}
            answer = requests.post(f"{polling.url}/api/tickets/{number}/comments", json=comment, timeout=60)
            assert answer.status_code == 201, answer.text
            message = json.loads(socket.recv(WAIT_SECONDS))
            assert (message["type"], message["comment_id"]) == ("comment_update", answer.json()["id"])
            assert "vendor" not in str(message)
            socket.send(json.dumps({"type": "typing", "typing": True}))
            presence = f"{polling.url}/api/tickets/{number}/presence"
            eventually(lambda: requests.get(presence, timeout=60).json()["items"])


def test_a_stream_resumes_after_the_live_process_was_killed(polling: Stack) -> None:
    with changes(polling) as response:
        cursor = next(content for kind, content in events(response) if kind == "id")
        polling.signal("notification-service", signal.SIGKILL)
        polling.processes["notification-service"].wait(60)
    answer = requests.get(polling.url + "/api/changes", timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_down")
    number = polling.create(2).json()["id"]
    polling.launch("notification-service")

    def connected() -> Any:
        headers = {"Last-Event-ID": cursor}
        found = requests.get(polling.url + "/api/changes", headers=headers, stream=True, timeout=WAIT_SECONDS)
        return found if found.status_code == 200 else None

    with closing(eventually(connected)) as response:
        assert any(kind == "ticket_update" and content["ticket_id"] == number for kind, content in events(response))
    polling.wait_healthy()
