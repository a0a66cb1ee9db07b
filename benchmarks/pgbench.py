"""The probe: PostgreSQL's own benchmark running the service's statement, as the service sends it."""

import os
import re
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg2
from eventbus.contracts import Contracts
from eventbus.publish import outbox
from service_kit.database.companies import set_companies_sql
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from ticket_service.store.creation import CREATE_TICKET
from ticket_service.usecases.create_ticket import prepare
from ticket_service.usecases.request_context import RequestContext

from benchmarks.machine import server_cpu
from benchmarks.stored import app_url, draft
from tests.stack import Stack


def program() -> str:
    """Find pgbench; raises FileNotFoundError."""
    found = shutil.which("pgbench") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/pgbench")), "")
    if not found:
        raise FileNotFoundError("pgbench is not installed (Debian: postgresql-contrib)")
    return found


def script(stack: Stack) -> str:
    """Write the one string that creates a ticket, under the same role and walls; ids are made by the server."""
    url = app_url(stack, "ticket")
    database = Database(url, schema="ticket")
    outbox.connect(database, Contracts.installed())
    _, parameters = prepare(
        database, draft(1), RequestContext(company_id=1, actor="person:1", cause=Cause("benchmark", "", "person"))
    )
    database.dispose()
    # Each ticket needs ids of its own; everything else may repeat.
    parameters = {name: parameters[name] for name in parameters}
    marks = {"uuid": "'@uuid@'", "event_id": "'@event@'"}
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        text = cursor.mogrify(CREATE_TICKET.sql, {**parameters, "uuid": "@uuid@", "event_id": "@event@"}).decode()
    connection.close()
    for mark in marks.values():
        text = text.replace(mark, "gen_random_uuid()")
    one_line = re.sub(r"\s+", " ", text).strip()
    return f"{set_companies_sql((1,))} \\; {one_line};\n"


def run(stack: Stack, *, clients: int, seconds: float) -> tuple[float, float]:
    """Return transactions per second with the simple protocol, and CPU ms of pgbench and server per transaction."""
    url = app_url(stack, "ticket")
    began = server_cpu() + _ended_children_cpu()
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script(stack))
        file.flush()
        told = subprocess.run(
            [
                program(),
                "-n",
                "-M",
                "simple",
                "-c",
                str(clients),
                "-j",
                "2",
                "-T",
                str(int(seconds)),
                "-f",
                file.name,
                url,
            ],
            env={**os.environ, "PGOPTIONS": "-c search_path=ticket"},
            capture_output=True,
            text=True,
            check=False,
        )
    spent = server_cpu() + _ended_children_cpu() - began
    count = re.search(r"actually processed: (\d+)", told.stdout)
    found = re.search(r"tps = ([\d.]+) \(without", told.stdout) or re.search(r"tps = ([\d.]+)", told.stdout)
    if not found or not count:
        raise RuntimeError(told.stdout + told.stderr)
    return float(found[1]), spent / int(count[1]) * 1e3


def _ended_children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
