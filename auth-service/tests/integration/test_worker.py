"""The service with its worker on a real broker: its events are published, even those without a consumer."""

import time
from pathlib import Path

import pytest
from auth_service.service import SERVICE
from flask import Flask
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Rows

pytestmark = pytest.mark.rabbitmq

PATIENCE_SECONDS = 180
PUBLISHED = "select type, company_id from outbox where published_at is not null order by type, company_id"


def test_the_worker_registers_the_demo_company_and_publishes_its_events(
    app: Flask, api: Api, made: ServiceDatabase, rows: Rows, rabbitmq_vhost: str, tmp_path: Path
) -> None:
    settings = SERVICE.read_settings(
        {
            "SMARTTICKET_ENV": "development",
            "DATABASE_URL": made.url,
            "RELAY_DATABASE_URL": made.relay_url,
            "RABBITMQ_URL": rabbitmq_vhost,
            "SMARTTICKET_SERVICES": "auth-service",
            "RUNTIME_DIR": str(tmp_path),
        }
    )
    other = Api(app.test_client(), company=2)
    team = other.add_team("Network")["id"]
    worker = SERVICE.instance(settings).create_worker()
    worker.start()
    other.call("DELETE", f"/api/teams/{team}")
    deadline = time.monotonic() + PATIENCE_SECONDS
    expected = [("company.created", 1), ("company.created", 2), ("team.created", 2), ("team.deleted", 2)]
    while rows(PUBLISHED) != expected:
        assert time.monotonic() < deadline, rows("select type, published_at from outbox order by seq")
        time.sleep(0.02)
    assert all(check["ok"] for check in worker.status().values()), worker.status()
    assert worker.stop()
    assert rows("select count(*) from parked") == [(0,)]
