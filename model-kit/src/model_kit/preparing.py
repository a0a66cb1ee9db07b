"""Has the local model made ready by a process of its own, once, while the service goes on without it."""

import logging
import subprocess
import sys
from contextvars import copy_context
from pathlib import Path
from threading import Thread

log = logging.getLogger(__name__)


def prepare_model(folder: Path, source: str, *, install: bool) -> None:
    """Start `model_kit.prepare` and let its progress appear in the log; returns at once.

    The process may outlive this one: what it makes is there whole or not at all, and two of them wait for each other.
    """
    command = [sys.executable, "-m", "model_kit.prepare", "--folder", str(folder), "--source", source]
    try:
        process = subprocess.Popen(
            [*command, "--install"] if install else command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        log.warning("the local model can't be made: %s", type(error).__name__)
        return
    # What the log says of every line, such as the service's name, belongs to the context.
    Thread(target=copy_context().run, args=(_tell, process), name="local model", daemon=True).start()


def _tell(process: "subprocess.Popen[str]") -> None:
    assert process.stderr is not None
    with process:
        for line in process.stderr:
            log.info("local model: %s", line.strip())
