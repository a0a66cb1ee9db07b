"""`/metrics` of the gateway: every replica's page as one, whatever its size."""

import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

Make = Callable[..., Client]
CREATED = b"# HELP tickets_created_total Tickets.\n# TYPE tickets_created_total counter\ntickets_created_total 4.0\n"


def hang(handler: Any, _body: bytes) -> None:
    handler.connection.settimeout(20)
    handler.connection.recv(1)


def metrics_page(handler: Any, _body: bytes, page: bytes = CREATED) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain; version=0.0.4")
    handler.send_header("Content-Length", str(len(page)))
    handler.end_headers()
    handler.wfile.write(page)


def test_metrics_show_every_replica_and_who_did_not_answer(
    gateway: Make, upstream: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    replicas = [upstream(metrics_page), upstream(metrics_page)]
    addresses = [("127.0.0.1", replica.server.server_port) for replica in replicas]
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **more: Any) -> Any:
        if host == "ticket-service":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    client = gateway(TICKET_SERVICE_URL="http://ticket-service:5001", ai=upstream(hang))
    client.get("/api/statuses")
    began = time.monotonic()
    text = client.get("/metrics").text
    assert time.monotonic() - began < 15
    families = {family.name: family for family in text_string_to_metric_families(text)}
    created = [sample for sample in families["tickets_created"].samples if sample.name == "tickets_created_total"]
    assert {sample.labels["instance"] for sample in created} == {f"127.0.0.1:{port}" for _, port in addresses}
    assert {sample.labels["service"] for sample in created} == {"ticket-service"}
    up = {(sample.labels["service"], sample.value) for sample in families["up"].samples}
    assert up >= {("api-gateway", 1), ("ticket-service", 1), ("ai-service", 0), ("routing-service", 0)}
    counted = [sample.labels for sample in families["http_request_duration_seconds"].samples]
    assert any(labels.get("route") == "/api/statuses" and labels["service"] == "api-gateway" for labels in counted)


def test_an_unknown_address_does_not_become_a_label(gateway: Make) -> None:
    client = gateway()
    for number in range(5):
        client.get(f"/scanner/{number}")
    text = client.get("/metrics").text
    assert "scanner" not in text
    assert 'route="unknown"' in text


def test_two_thousand_different_requests_add_no_series(gateway: Make, upstream: Any) -> None:
    client = gateway(ticket=upstream(None))

    def send(begin: int, end: int) -> None:
        for number in range(begin, end):
            headers = {
                "X-Request-ID": f"request-{number}",
                "User-Agent": f"agent/{number}",
                "Origin": f"http://{number}",
            }
            client.get(f"/api/tickets/{number}?q={number}", headers=headers)
            client.get(f"/api/nowhere/{number}", headers=headers | {"Authorization": f"Bearer {number}"})
            client.open("/api/tickets", method=f"VERB{number}", headers=headers)
            client.get("/", headers={"Host": f"host{number}.example", "X-Forwarded-For": f"203.0.{number % 99}.7"})

    def series() -> list[str]:
        lines = client.get("/metrics").text.splitlines()
        return sorted(line.rpartition(" ")[0] for line in lines if not line.startswith("#"))

    client.get("/metrics")
    send(1, 3)
    before = series()
    send(3, 503)
    assert series() == before


def test_a_page_of_three_megabytes_is_merged_within_the_time_of_a_scrape(gateway: Make, upstream: Any) -> None:
    line = 'http_request_duration_seconds_bucket{{le="0.5",method="GET",route="/api/things/{}",service="s"}} 1.0\n'
    page = "# TYPE http_request_duration_seconds histogram\n" + "".join(map(line.format, range(32_000)))
    assert len(page) > 3_000_000
    client = gateway(ticket=upstream(partial(metrics_page, page=page.encode())))
    began = time.process_time()
    text = client.get("/metrics").text
    assert time.process_time() - began < 2
    assert text.count("/api/things/") == 32_000
