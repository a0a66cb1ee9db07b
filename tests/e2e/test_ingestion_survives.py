"""rag-service is killed at any point of reading a document: afterwards the document has the same passages."""

import random
import time
from typing import Any

import requests

from tests.stack import Stack, eventually

KILLS = 4
SEED = 4
LONGEST_BEFORE_KILL = 3.0
TEXT = "\n\n".join(
    f"# Chapter {number}\n\n" + f"Device {number} is restarted with the switch on its left side. " * 40
    for number in range(120)
)


def test_a_document_read_under_kills_has_the_same_passages(stack: Stack) -> None:
    whole = upload(stack, "undisturbed.md")
    expected = ready(stack, whole)["chunks"]
    assert expected > 100
    dice = random.Random(SEED)
    killed = upload(stack, "killed.md")
    try:
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.0, LONGEST_BEFORE_KILL))
            stack.kill("rag-service")
            stack.launch("rag-service")
            # The next kill shall meet it at work, not while Python starts.
            eventually(lambda: answers(stack))
    finally:
        stack.wait_healthy()
    found = ready(stack, killed)
    assert (found["state"], found["chunks"]) == ("ready", expected)
    query = {"query": "Device 77 restarted", "filters": {"source_id": [killed]}, "top_k": 50}
    items = requests.post(f"{stack.url}/rag/retrieve", json=query, timeout=60).json()["items"]
    assert len(items) == len({item["chunk_id"] for item in items}) == 50
    for file in (whole, killed):
        assert requests.delete(f"{stack.url}/api/files/{file}", timeout=60).status_code == 204


def upload(stack: Stack, name: str) -> str:
    answer = requests.post(f"{stack.url}/api/files", files={"file": (name, TEXT.encode())}, timeout=60)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["item"]["id"])


def answers(stack: Stack) -> bool:
    try:
        return requests.get(f"{stack.url_of('rag-service')}/health", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def ready(stack: Stack, file: str) -> Any:
    def look() -> Any:
        answer = requests.get(f"{stack.url}/api/documents/{file}", timeout=60)
        return answer.json() if answer.status_code == 200 else {"state": "not there yet"}

    return eventually(look, lambda found: found["state"] in ("ready", "failed"), 180)
