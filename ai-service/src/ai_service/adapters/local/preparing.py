"""Has the local model made ready by a process of its own, once, while tickets go on without it."""

import subprocess
import sys
from pathlib import Path
from threading import Thread

from service_kit.telemetry.logs import get_logger, service_name

log = get_logger(__name__)


def prepare_model(folder: Path, source: str, *, install: bool) -> None:
    """Start `model_kit.prepare` and let its progress appear in the log; returns at once.

    The process may outlive this one: what it makes is there whole or not at all, and two of them wait for each other.
    """
    command = [sys.executable, "-m", "model_kit.prepare", "--folder", str(folder), "--source", source]
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, "--install"] if install else command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        log.warning("the local model can't be made", error=type(error).__name__)
        return
    Thread(target=_tell, args=(process, service_name.get()), name="local model", daemon=True).start()


def _tell(process: "subprocess.Popen[str]", service: str) -> None:
    service_name.set(service)
    assert process.stderr is not None
    with process:
        for line in process.stderr:
            log.info("local model", step=line.strip())
