"""Provisions the local model in a separate process while the service serves without it."""

import logging
import subprocess
import sys
from contextvars import copy_context
from pathlib import Path
from threading import Thread

log = logging.getLogger(__name__)


def provision_in_background(folder: Path, source: str, *, install: bool) -> None:
    """Start `model_kit.provision`, write its progress to the log and return at once.

    The process may outlive this one: it installs the folder atomically, and a lock lets only one process work on it.
    """
    command = [sys.executable, "-m", "model_kit.provision", "--folder", str(folder), "--source", source]
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
        log.warning("the local model can't be provisioned: %s", type(error).__name__)
        return
    # The context holds the fields of every log line, such as the service's name.
    Thread(target=copy_context().run, args=(_log_progress, process), name="local model", daemon=True).start()


def _log_progress(process: "subprocess.Popen[str]") -> None:
    assert process.stderr is not None
    with process:
        for line in process.stderr:
            log.info("local model: %s", line.strip())
