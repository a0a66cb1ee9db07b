"""Measures latency and memory when the local model classifies every ticket: `python -m benchmarks.local_model`"""

import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
from model_kit.provision import ProvisioningFailed, provision

from benchmarks.machine import percentile, pss_mb
from benchmarks.memory import embedded_system
from benchmarks.pipeline import latency
from benchmarks.report import Row, Table
from benchmarks.stored import posted
from tests.stack import Stack, eventually

ENCODER = Path(__file__).parents[1] / ".venv" / "models" / "encoder"
LABELS = ("IT Support", "HR", "Finance", "Facilities")
TRAINING_TICKETS = 240
SERVICE_MB, EMBEDDED_MB, READY_SECONDS, P99_MS = 350, 700, 5, 100
QUESTION = {"title": "The badge reader blinks red, once more", "description": ""}
SUBJECTS = ("badge reader", "pension plan", "travel invoice", "meeting room door")


def train_model(url: str) -> None:
    """Route tickets by hand, train a model on them and wait until it serves."""

    def one(number: int) -> None:
        subject, label = SUBJECTS[number % 4], LABELS[number % 4]
        ticket_body = {
            "title": f"The {subject} again, case {number}",
            "description": "It began yesterday.",
            "user_name": "A",
            "user_email": "a@b.test",
        }
        created = requests.post(f"{url}/api/tickets", json=ticket_body, headers={"Prefer": "wait=10"}, timeout=20)
        assert created.status_code == 201, created.text
        ticket = created.json()["id"]
        answer = requests.put(f"{url}/api/route/{ticket}", json={"department": label}, timeout=20)
        assert answer.status_code == 200, answer.text

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(TRAINING_TICKETS)))
    eventually(lambda: _get(url, "/api/evaluation")["live"]["examples"], lambda number: number == TRAINING_TICKETS)
    # One may be under way already: so many tickets ask for it by themselves.
    eventually(lambda: _get(url, "/api/training/status")["is_training"], lambda training: not training, seconds=120)
    requests.post(f"{url}/api/training", timeout=20)
    eventually(lambda: _get(url, "/api/training/status"), _serves, seconds=120)
    eventually(lambda: _decided_by(url), lambda by: by == "bert")


def _serves(status: dict[str, Any]) -> bool:
    return not status["is_training"] and status["model_version"] is not None


def _get(url: str, path: str) -> Any:
    return requests.get(f"{url}{path}", timeout=10).json()


def _decided_by(url: str) -> str:
    answer = requests.post(f"{url}/api/categorize", json=QUESTION, timeout=10)
    return str(answer.json()["decided_by"]) if answer.status_code == 200 else ""


def services() -> list[Row]:
    """Measure the latency on RabbitMQ with a trained model, the time to be ready after a restart, and the memory."""
    with Stack(settings={"HTTP_WORKERS": "2"}, of={"ai-service": {"MODELS_DIR": str(ENCODER.parent)}}) as stack:
        train_model(stack.url)
        rows = latency(stack, 300, (P99_MS, P99_MS))
        stack.signal("ai-service", signal.SIGTERM)
        stack.processes["ai-service"].wait(30)
        began = time.monotonic()
        stack.launch("ai-service")
        eventually(lambda: _decided_by(stack.url), lambda by: by == "bert")
        ready = time.monotonic() - began
        weight = pss_mb(stack.tree("ai-service"))
    return [
        rows[1],
        Row("ai-service reads with its model after", f"{ready:.1f} s", f"≤ {READY_SECONDS} s", ready <= READY_SECONDS,
            f"p50 {rows[0].value}"),
        Row("ai-service with a trained model, all processes (PSS)", f"{weight:.0f} MB", f"≤ {SERVICE_MB} MB",
            weight <= SERVICE_MB, "a worker and two HTTP processes"),
    ]  # fmt: skip


def embedded(folder: Path) -> list[Row]:
    """Measure memory and latency on one machine without a broker."""
    with embedded_system(folder, {"MODELS_DIR": str(ENCODER.parent), "EMBEDDINGS_MODEL": ""}) as (url, mine):
        train_model(url)
        took: list[float] = []
        for number in range(100):
            began = time.monotonic()
            answer = requests.post(
                f"{url}/api/tickets", json=posted(number), timeout=20,
                headers={"Prefer": "wait=5"},
            )  # fmt: skip
            assert answer.json()["department"], answer.text
            took.append(time.monotonic() - began)
            time.sleep(0.02)
        weight = pss_mb(mine())
    return [
        Row("embedded with a trained model, everything (PSS)", f"{weight:.0f} MB", f"≤ {EMBEDDED_MB} MB",
            weight <= EMBEDDED_MB, f"POST → department one after the other: p50 {percentile(took, 0.5) * 1e3:.0f} ms, "
            f"p99 {percentile(took, 0.99) * 1e3:.0f} ms"),
    ]  # fmt: skip


def main() -> Table:
    """Measure both; without weights to make the encoder of, the table says so."""
    table = Table("Latency and memory with the local model")
    try:
        provision(ENCODER, "package", install=False, report=lambda text: print(text, file=sys.stderr))
    except ProvisioningFailed as reason:
        table.rows.append(Row("skipped", "not measured", besides=str(reason).splitlines()[0]))
        return table
    table.rows += services()
    with tempfile.TemporaryDirectory(prefix="st-bench-") as folder:
        Path(folder).chmod(0o755)
        table.rows += embedded(Path(folder))
    return table


if __name__ == "__main__":
    main().show()
