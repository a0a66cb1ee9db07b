"""A temporary PostgreSQL for one test run.

`python -m launcher.temporary_postgres start|stop FOLDER`; `start` prints its address.
"""

import sys
from pathlib import Path

from launcher.postgres import EmbeddedPostgres, PostgresFailed

NOT_DURABLE = "-c fsync=off -c full_page_writes=off"
PASSWORD = "temporary"  # noqa: S105 - the data exists for one test run only


def main(verb: str, folder: str) -> int:
    """Start or stop; returns the exit status."""
    server = EmbeddedPostgres(Path(folder) / "postgresql", PASSWORD, more_options=NOT_DURABLE)
    try:
        if verb == "stop":
            server.stop()
            return 0
        server.start()
    except PostgresFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{server.admin_url}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
