"""A PostgreSQL for one test run: `python -m launcher.throwaway start|stop FOLDER`; `start` prints its address."""

import sys
from pathlib import Path

from launcher.postgres import EmbeddedPostgres, PostgresFailed

NOT_KEPT = "-c fsync=off -c full_page_writes=off"
PASSWORD = "throwaway"  # noqa: S105 - it guards nothing: the data lives as long as one test run


def main(verb: str, folder: str) -> int:
    """Start or stop; returns the exit status."""
    server = EmbeddedPostgres(Path(folder) / "postgresql", PASSWORD, more_options=NOT_KEPT)
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
