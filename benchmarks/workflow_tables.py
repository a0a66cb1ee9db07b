"""The frame of benchmarks that call workflow-service's use cases on a database that they have filled."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from init_db.testing.databases import service_database
from operations_kit.service import ServiceInstance
from service_kit.database.engine import parse_url
from service_kit.testing.postgres import ServiceDatabase
from workflow_service.dependencies import Dependencies
from workflow_service.service import SERVICE
from workflow_service.settings import Settings

from benchmarks.machine import cpu_of_postgres

Instance = ServiceInstance[Settings, Dependencies]
ADMIN_URL = "TEST_DATABASE_ADMIN_URL"


@contextmanager
def filled(statements: Mapping[str, Mapping[str, Any]], **settings: str) -> Iterator[tuple[ServiceDatabase, Instance]]:
    """Give a database of the demo company after these statements, and the service on it."""
    with service_database(os.environ[ADMIN_URL], SERVICE.schema, "workflow_service.migrations") as made:
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute("insert into companies (id) values (1) on conflict do nothing")
            for statement, values in statements.items():
                cursor.execute(statement, values)
            cursor.execute("vacuum analyze")
        mapping = {"SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url}
        instance = SERVICE.instance(SERVICE.read_settings(mapping | settings))
        try:
            yield made, instance
        finally:
            instance.close()


@dataclass
class Spent:
    """The time and the CPU seconds since it was made: of this process, and of the database's sessions.

    Others on the machine lengthen the time and hardly the CPU.
    """

    made: ServiceDatabase
    began: float = field(default_factory=time.perf_counter)
    own: float = field(default_factory=time.process_time)
    sessions: float = 0.0

    def __post_init__(self) -> None:
        self.sessions = self._sessions()

    @property
    def seconds(self) -> float:
        """Return the time."""
        return time.perf_counter() - self.began

    def cpu(self, times: float = 1.0) -> str:
        """Say how much CPU that was, `times` as much where the figure beside it is scaled."""
        own, sessions = time.process_time() - self.own, self._sessions() - self.sessions
        return f"{own * times:.1f} s of CPU of the process and {sessions * times:.1f} s of the database"

    def _sessions(self) -> float:
        return cpu_of_postgres(f" {parse_url(self.made.url).database} ")
