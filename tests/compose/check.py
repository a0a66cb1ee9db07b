"""Looks at a system in containers from outside: `check.py URL` sends 300 tickets, `--kept N` only counts."""

import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from smartticket_contracts.services import services_behind_the_gateway

TICKETS = 300
SECONDS = 60
SPREAD = re.compile(
    r'^events_consumed_total\{(?=[^}]*queue="ai-service\.categorize")(?=[^}]*instance="([^"]+)")[^}]*\} ([0-9.e+]+)',
    re.MULTILINE,
)


def main() -> int:
    """Return 0 where everything is as it should be."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("url")
    arguments.add_argument("--kept", type=int)
    options = arguments.parse_args()
    if options.kept is not None:
        total = requests.get(options.url + "/api/dashboard/summary", timeout=10).json()["total_tickets"]
        print(f"{total} tickets after the restart")
        return 0 if total == options.kept else 1
    return send_and_look(options.url) or upload_and_ask(options.url)


def send_and_look(url: str) -> int:
    """Send the tickets through the gateway, wait until all are routed and counted, look who did the work."""
    ticket = {
        "title": "VPN password",
        "description": "vpn asks for my password",
        "user_name": "A",
        "user_email": "a@company.example",
    }

    def send(number: int) -> int:
        body = ticket | {"title": f"VPN password {number}"}
        answer = requests.post(url + "/api/tickets", json=body, headers={"Prefer": "respond-async"}, timeout=20)
        answer.raise_for_status()
        return int(answer.json()["id"])

    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(send, range(TICKETS)))
    print(f"{len(set(ids))} tickets sent in {time.monotonic() - start:.1f} s")
    while True:
        summary = requests.get(url + "/api/dashboard/summary", timeout=10).json()
        if summary["total_tickets"] == TICKETS and summary["unrouted"] == 0:
            break
        if time.monotonic() - start > SECONDS:
            print(f"not all routed after {SECONDS} s: {summary}", file=sys.stderr)
            return 1
        time.sleep(0.1)
    print(f"all routed and counted after {time.monotonic() - start:.1f} s: {summary['by_department']}")
    spread: dict[str, float] = {}
    for instance, count in SPREAD.findall(requests.get(url + "/metrics", timeout=10).text):
        spread[instance] = spread.get(instance, 0) + float(count)
    print(f"read by ai-service: {spread}")
    if sum(spread.values()) != TICKETS or len([count for count in spread.values() if count > 0]) != 3:
        print("the work was not spread over three replicas, or not done once", file=sys.stderr)
        return 1
    for service in services_behind_the_gateway():
        health = requests.get(f"http://127.0.0.1:{os.environ[service.port_setting]}/health", timeout=5)
        if not health.ok:
            print(f"{health.url} answers {health.status_code}", file=sys.stderr)
            return 1
    users = subprocess.run(
        ["docker", "ps", "--filter", "label=com.docker.compose.project=smartticket-test", "--format", "{{.Names}}"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    for name in [user for user in users if "service" in user or "gateway" in user]:
        who = subprocess.run(["docker", "exec", name, "id", "-u"], capture_output=True, text=True, check=True).stdout
        write = subprocess.run(["docker", "exec", name, "touch", "/app/x"], capture_output=True, check=False)
        if who.strip() == "0" or write.returncode == 0:
            print(f"{name} runs as {who.strip()} and can write to its root", file=sys.stderr)
            return 1
    print(f"{len(users)} containers; the services are not root and can't write to their images")
    return 0


def upload_and_ask(url: str) -> int:
    """Upload a document, wait until it can be searched, ask about it."""
    text = b"# Badge printer\n\nTo clear a jam in the badge printer, open the rear flap and pull the green lever.\n"
    sent = requests.post(url + "/api/files", files={"file": ("printer.md", text)}, timeout=20)
    sent.raise_for_status()
    start = time.monotonic()
    document = f"{url}/api/documents/{sent.json()['item']['id']}"
    while True:
        answer = requests.get(document, timeout=10)
        state = answer.json().get("state") if answer.ok else "not there yet"
        if state in ("ready", "failed"):
            break
        if time.monotonic() - start > SECONDS:
            print(f"the document is {state} after {SECONDS} s: {answer.text}", file=sys.stderr)
            return 1
        time.sleep(0.2)
    asked = {"query": "How do I clear a jam in the badge printer?"}
    found = requests.post(url + "/rag/retrieve", json=asked, timeout=20).json().get("items", [])
    print(f"a document is {state} after {time.monotonic() - start:.1f} s; {len(found)} passages found")
    if not found or "green lever" not in found[0]["text"]:
        print(f"what it says isn't found: {answer.text}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
