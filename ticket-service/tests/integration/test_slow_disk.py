"""With a slow disk, a received upload waits for the ones before it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text
from ticket_service import service
from ticket_service.settings import Settings
from ticket_service.store import files

from ..conftest import Api
from .test_worker import eventually

Rows = Callable[..., list[tuple[Any, ...]]]
HELD_SECONDS = 7.0
"""Longer than the limits of a statement (5 s) and of a lock (3 s)."""
WAITING = "select count(*) from pg_stat_activity where wait_event = 'advisory' and datname = current_database()"


def test_an_upload_waits_for_another_change_of_the_company_s_files(
    api: Api, made: ServiceDatabase, read: Callable[..., Settings], rows: Rows
) -> None:
    # Nearly the limit in production; tests remove it.
    process = service.SERVICE.instance(read(STATEMENT_TIMEOUT_MS="4999"))
    app = process.create_app()
    with made.database.session(1) as other, ThreadPoolExecutor(1) as pool:
        other.begin()
        files.lock(other, 1)
        sent = pool.submit(Api(app.test_client()).upload, b"words")
        eventually(lambda: rows(WAITING) == [(1,)])
        threading.Event().wait(HELD_SECONDS)
        assert not sent.done()
        other.commit()
        assert sent.result().status_code == 201
    process.close()


def test_a_lock_with_an_extended_timeout_restores_the_limits(made: ServiceDatabase) -> None:
    limits = text("select current_setting('lock_timeout'), current_setting('statement_timeout')")
    with made.database.session(1) as session, session.begin():
        before = session.execute(limits).one()
        files.lock(session, 1, extended_timeout=True)
        assert session.execute(limits).one() == before
