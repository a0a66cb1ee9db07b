"""A file becomes answers that cite it, through the gateway, and is gone from everywhere once it is deleted."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.stack import Stack, eventually

SEARCHED_SECONDS = 180
TEXT = """\
# Zeppelin badge printer

To clear a jam in the Zeppelin badge printer, open the rear flap and pull the green lever.
Then close the flap and hold the Zeppelin reset button for five seconds.
"""
QUESTION = "How do I clear a jam in the Zeppelin badge printer?"


@pytest.fixture(scope="module")
def handbook(stack: Stack) -> Iterator[str]:
    """A document that everybody in this file asks about; its id."""
    file = upload(stack, "zeppelin.md", TEXT.encode())["id"]
    ready(stack, file)
    yield file
    requests.delete(f"{stack.url}/api/files/{file}", timeout=60)


def upload(stack: Stack, name: str, data: bytes) -> Any:
    answer = requests.post(f"{stack.url}/api/files", files={"file": (name, data)}, timeout=60)
    assert answer.status_code == 201, answer.text
    return answer.json()["item"]


def ready(stack: Stack, file: str) -> Any:
    def look() -> Any:
        answer = requests.get(f"{stack.url}/api/documents/{file}", timeout=60)
        return answer.json() if answer.status_code == 200 else {"state": "not there yet"}

    return eventually(look, lambda found: found["state"] in ("ready", "failed"), SEARCHED_SECONDS)


def found(stack: Stack, query: str) -> list[Any]:
    answer = requests.post(f"{stack.url}/rag/retrieve", json={"query": query, "top_k": 5}, timeout=60)
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


def test_an_uploaded_file_is_searched_and_gone_once_it_is_deleted(stack: Stack) -> None:
    file = upload(stack, "quokka.txt", b"The quokka projector is in room 4711 on the second floor.\n")
    assert (file["name"], file["kind"], file["companyId"]) == ("quokka.txt", "text", 1)
    document = ready(stack, file["id"])
    assert (document["state"], document["chunks"]) == ("ready", 1)
    [first, *_] = found(stack, "where is the quokka projector")
    assert "room 4711" in first["text"]
    assert first["source_id"] == file["id"]
    again = requests.get(f"{stack.url}/api/files/{file['id']}/content", timeout=60)
    assert again.content.startswith(b"The quokka projector")
    assert requests.delete(f"{stack.url}/api/files/{file['id']}", timeout=60).status_code == 204
    eventually(lambda: [each for each in found(stack, "where is the quokka projector") if "4711" in each["text"]] == [])
    assert requests.get(f"{stack.url}/api/documents/{file['id']}", timeout=60).status_code == 404


def test_a_solution_cites_its_source_in_every_step(stack: Stack, handbook: str) -> None:
    answer = requests.post(f"{stack.url}/rag/solution", json={"ticket_description": QUESTION}, timeout=60).json()
    assert answer["needs_human"] is False, answer
    assert [step["order"] for step in answer["steps"]] == list(range(1, len(answer["steps"]) + 1))
    assert all("[zeppelin.md:" in step["text"] and "#" in step["text"] for step in answer["steps"])
    assert "green lever" in " ".join(step["text"] for step in answer["steps"])
    assert {source["source_id"] for source in answer["sources"]} == {handbook}


def test_what_nobody_wrote_down_is_left_to_a_person(stack: Stack, handbook: str) -> None:
    asked = {"ticket_description": "Which company pension scheme applies to contractors in Portugal?"}
    answer = requests.post(f"{stack.url}/rag/solution", json=asked, timeout=60).json()
    assert (answer["steps"], answer["needs_human"]) == ([], True)


def test_a_conversation_is_streamed_and_remembered(stack: Stack, handbook: str) -> None:
    told = events(stack, {"message": QUESTION})
    names = [name for name, _ in told]
    assert names[0] == "stage"
    assert names[-1] == "final"
    final = told[-1][1]
    assert "green lever" in final["answer"]
    assert final["refusal"] is False
    follow = events(stack, {"message": "And then?", "conversation_id": final["conversation_id"]})[-1][1]
    assert follow["conversation_id"] == final["conversation_id"]
    hello = events(stack, {"message": "hi"})[-1][1]
    assert (hello["needs_human"], hello["refusal"]) == (False, False)
    foreign = {"message": "hi", "conversation_id": "5f0c7a52-9a3b-4a53-8f0e-2b7a5d6c1e90"}
    assert requests.post(f"{stack.url}/rag/chat", json=foreign, timeout=60).status_code == 404


def test_a_new_ticket_is_shown_with_steps(stack: Stack, handbook: str) -> None:
    new = {
        "title": "Zeppelin badge printer jam",
        "description": QUESTION,
        "user_name": "Ann",
        "user_email": "ann@example.test",
    }
    ticket = requests.post(f"{stack.url}/api/tickets", json=new, timeout=60).json()
    shown = eventually(
        lambda: stack.get(f"/api/tickets/{ticket['id']}"), lambda seen: seen["solution_steps"] is not None
    )
    assert shown["solution_steps"][0]["order"] == 1
    assert "green lever" in json.dumps(shown["solution_steps"])
    assert 0 < shown["solution_confidence"] <= 1


def test_a_broken_file_says_why(stack: Stack) -> None:
    file = upload(stack, "broken.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n")
    document = ready(stack, file["id"])
    assert document["state"] == "failed"
    assert document["reason"]
    requests.delete(f"{stack.url}/api/files/{file['id']}", timeout=60)


def test_the_command_line_uploads_asks_and_measures(stack: Stack, tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "launcher", "--url", stack.url, "rag", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)

    note = tmp_path / "walrus.md"
    note.write_text("# Walrus router\n\nThe walrus router is restarted with the blue switch on its left side.\n")
    uploaded = run("upload", str(note))
    assert uploaded.returncode == 0, uploaded.stderr
    assert "walrus.md" in run("documents").stdout
    assert "blue switch" in run("ask", "How is the walrus router restarted?").stdout
    (tmp_path / "questions.jsonl").write_text(
        json.dumps({"question": "restart the walrus router", "expected": ["walrus.md"]}) + "\n"
    )
    assert run("questions", "questions.jsonl", "--replace").returncode == 0
    measured = run("evaluate")
    assert measured.returncode == 0, measured.stderr
    assert "1.000" in measured.stdout
    rebuilt = run("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "vectors rebuilt" in rebuilt.stdout
    assert "blue switch" in found(stack, "restart the walrus router")[0]["text"]
    (tmp_path / "bad.exe").write_bytes(b"MZ\x90\x00" * 40)
    refused = run("upload", "bad.exe")
    assert refused.returncode == 1
    assert "bad.exe" in refused.stderr


def events(stack: Stack, body: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the events of an answer as they came."""
    told = []
    with requests.post(f"{stack.url}/rag/chat", json=body, stream=True, timeout=60) as answer:
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        name, ends = "", time.monotonic() + 180
        for line in answer.iter_lines(decode_unicode=True):
            assert time.monotonic() < ends
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                told.append((name, json.loads(line.removeprefix("data: "))))
    return told
