"""Migrates a service's schema with the alembic version files of its package."""

from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from service_kit.database.engine import parse_url
from service_kit.database.roles import Roles
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

VERSION_TABLE = "alembic_version"
STATEMENT_TIMEOUT_SECONDS = 600

# `alembic.op` is global to the process.
_alembic_lock = Lock()


def folder_of(package: str) -> Path:
    """Return the folder of an installed migrations package. Raises ModuleNotFoundError."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"no migrations package {package!r} is installed")
    return Path(spec.submodule_search_locations[0])


def upgrade(url: str, schema: str, roles: Roles, folder: Path) -> str | None:
    """Run the pending migrations in `folder` in one transaction; return the new revision of `schema`.

    `url` is the administrator's address; the migrations run as the schema's owner. A lock serializes concurrent runs.
    """
    script = ScriptDirectory(str(folder), version_locations=[str(folder)])
    config = Config(attributes={"roles": roles})
    engine = create_engine(parse_url(url), poolclass=NullPool, hide_parameters=True, use_native_hstore=False)

    def pending(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("heads", revision)

    with _alembic_lock, engine.begin() as connection:
        connection.execute(
            text("select pg_advisory_xact_lock(hashtext('smartticket migrate'), hashtext(:schema))"), {"schema": schema}
        )
        connection.exec_driver_sql(f"set local statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")
        quote = engine.dialect.identifier_preparer.quote
        connection.exec_driver_sql(f"set local role {quote(roles.owner)}")
        connection.exec_driver_sql(f"set local search_path = {quote(schema)}")
        with EnvironmentContext(config, script, fn=pending) as environment:
            environment.configure(connection=connection, version_table=VERSION_TABLE, version_table_schema=schema)
            environment.run_migrations()
            revision: str | None = environment.get_context().get_current_revision()
        connection.exec_driver_sql(f"revoke insert, update, delete on {VERSION_TABLE} from {quote(roles.app)}")
    return revision
