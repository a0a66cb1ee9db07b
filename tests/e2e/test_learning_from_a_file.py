"""A company brings what it decided before: it is measured, learnt from and served, all through the gateway."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.stack import Stack, eventually

THINGS = {
    # Not what the words say: only who learnt it can know.
    "Post Room": ("My laptop's screen is dark", "The VPN refuses my password", "The printer eats paper"),
    "Kitchen": ("My payslip is wrong", "I need a day of leave", "Who trains the new colleagues?"),
}
CASES = 160


@pytest.fixture(scope="module")
def stack(polling: Stack) -> Stack:
    """The system with a local model."""
    return polling


def smart_ticket(stack: Stack, *words: str) -> str:
    """Run the command and return what it printed."""
    command = [sys.executable, "-m", "launcher", "--url", stack.url, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_file_teaches_and_measures_what_then_serves(stack: Stack, tmp_path: Path) -> None:
    lines = ["Betreff;Abteilung"]
    for place in range(CASES):
        label = list(THINGS)[place % 2]
        lines.append(f"{THINGS[label][place // 2 % 3]}, case {place};{label}")
    file = tmp_path / "tickets.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    columns = ("--text", "Betreff", "--label", "Abteilung")

    report = json.loads(smart_ticket(stack, "evaluate", str(file), *columns, "--folds", "3", "--json"))["report"]
    assert report["trained"]["accuracy"] > 0.9
    picture = tmp_path / "reliability.png"
    assert f"{CASES} texts, 2 labels" in smart_ticket(stack, "evaluate", str(file), *columns, "--png", str(picture))
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "no trained model yet" in smart_ticket(stack, "models")

    before = stack.get("/api/evaluation")["live"]["examples"]
    smart_ticket(stack, "import", str(file), "--description", "Betreff", "--department", "Abteilung")
    eventually(lambda: stack.get("/api/evaluation")["live"]["examples"], lambda number: number >= before + CASES)
    assert "serves" in smart_ticket(stack, "models", "train")
    said = requests.post(
        f"{stack.url}/api/categorize",
        json={"title": "The VPN refuses my password, case 999", "description": ""},
        timeout=60,
    ).json()
    assert (said["department"], said["decided_by"]) == ("Post Room", "bert")

    shown = smart_ticket(stack, "evaluate")
    assert "predictions confirmed or corrected by people" in shown
    assert "precision" in smart_ticket(stack, "evaluate", "--backtest", "40")
    smart_ticket(stack, "models", "rollback")
    assert stack.get("/api/evaluation")["serving"] is None


def test_a_file_of_some_megabytes_passes_the_gateway_and_a_larger_one_does_not(stack: Stack) -> None:
    header = b"text,label\n"
    row = b"%s%%d,label %%d\n" % (b"word " * 400)
    content = header + b"".join(row % (place, place % 3) for place in range(1_500))
    assert len(content) > 2_000_000
    address = f"{stack.url}/api/evaluation"
    sent = requests.post(address, data=content, headers={"Content-Type": "text/csv"}, timeout=60)
    assert sent.status_code == 202, sent.text
    too_large = requests.post(address, data=b"x" * (26 << 20), headers={"Content-Type": "text/csv"}, timeout=60)
    assert too_large.status_code == 413
    assert too_large.json()["code"] == "too_large"
    elsewhere = requests.post(f"{stack.url}/api/training", data=b"x" * (2 << 20), timeout=60)
    assert elsewhere.status_code == 413
