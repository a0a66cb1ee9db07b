"""The command `smartticket-init-db`."""

import argparse
import os
import sys

import psycopg2
from service_kit.settings import BadSettings
from sqlalchemy.exc import SQLAlchemyError

from init_db.initialise import DatabaseUnreachable, initialise
from init_db.services import installed_services
from init_db.settings import read_settings

SETTINGS_HELP = """\
settings, from the environment (NAME_FILE names a file that holds the value):
  ADMIN_DATABASE_URL    a superuser's address; else made of DB_HOST, DB_PORT, POSTGRES_USER, POSTGRES_PASSWORD
  DB_NAME               the database, created where it is missing (smartticket)
  DB_ROLE_PREFIX        the prefix of the services' roles (smartticket)
  <SCHEMA>_DB_PASSWORD  the password of a service's roles, such as TICKET_DB_PASSWORD; else DB_PASSWORD
  SMARTTICKET_SERVICES  the services to set up (all that are installed)
  BUS                   rabbitmq or postgres; postgres sets up the schema of that bus too (rabbitmq)
  DB_WAIT_SECONDS       how long to wait for PostgreSQL (60)
  SMARTTICKET_ENV       production (default passwords are refused) or development
"""

__all__ = ["initialise", "main"]


def main() -> int:
    """Prepare the database; return 0, 1 where PostgreSQL fails or 2 where a setting is wrong."""
    argparse.ArgumentParser(
        prog="smartticket-init-db",
        description="Creates the database, roles, schemas and grants of all services and migrates them. "
        "Run it as often as you like.",
        epilog=SETTINGS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    installed = installed_services()
    try:
        settings = read_settings(os.environ, installed)
        initialise(
            settings.admin_url,
            database=settings.database,
            prefix=settings.prefix,
            passwords=settings.passwords,
            services=settings.services,
            bus=settings.bus,
            wait_seconds=settings.wait_seconds,
            report=_report,
        )
    except BadSettings as error:
        for fault in error.faults:
            _report(fault)
        return 2
    except (DatabaseUnreachable, psycopg2.Error, SQLAlchemyError) as error:
        _report(str(error).strip())
        return 1
    return 0


def _report(line: str) -> None:
    sys.stderr.write(f"init-db: {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
