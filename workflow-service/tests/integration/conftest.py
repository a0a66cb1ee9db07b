"""What tests on a real PostgreSQL share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from service_kit.database import statements
from service_kit.database.engine import Database
from sqlalchemy import event


@pytest.fixture
def counting(database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Give a context manager that collects the statements sent meanwhile."""
    sent: list[str] = []
    execute = statements.execute

    def prepared(connection: Any, all_: Any, sql: str, values: Any) -> Any:
        sent.append(sql)
        return execute(connection, all_, sql, values)

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    @contextmanager
    def run() -> Iterator[list[str]]:
        sent.clear()
        monkeypatch.setattr(statements, "execute", prepared)
        event.listen(database._engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(database._engine, "before_cursor_execute", note)

    return run
