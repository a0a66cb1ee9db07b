"""A folder for the files of one service's processes, which goes with them, also where they are killed."""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "smartticket-processes-"


def make_process_folder(runtime_dir: Path, service: str) -> Path:
    """Make the folder and remove those of processes that were killed.

    The folder is locked for as long as this process or one forked from it lives, because a number of a process may
    belong to another one meanwhile.
    """
    remove_dead_folders(runtime_dir, service)
    making = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=runtime_dir))
    # Kept open on purpose. Locked before the folder gets the name under which others look for dead ones.
    fcntl.flock(os.open(making, os.O_RDONLY | os.O_CLOEXEC), fcntl.LOCK_EX)
    folder = runtime_dir / f"{PREFIX}{service}{making.name.removeprefix(f'.{PREFIX}')}"
    return making.rename(folder)


def remove_dead_folders(runtime_dir: Path, service: str) -> None:
    """Remove the folders of a service whose processes are gone."""
    for folder in runtime_dir.glob(f"{PREFIX}{service}*"):
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
