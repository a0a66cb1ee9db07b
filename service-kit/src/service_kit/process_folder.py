"""A folder for the files of one service's processes; the next start removes those of killed processes."""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "smartticket-processes-"


def make_process_folder(runtime_dir: Path, service: str) -> Path:
    """Create the folder and return its path; remove the folders of killed processes.

    This process and its forks hold a lock on the folder while they live. A process id would not do: the system reuses
    ids.
    """
    remove_dead_folders(runtime_dir, service)
    draft = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=runtime_dir))
    # The descriptor stays open to keep the lock. Locked before the rename, as remove_dead_folders finds the new name.
    fcntl.flock(os.open(draft, os.O_RDONLY | os.O_CLOEXEC), fcntl.LOCK_EX)
    folder = runtime_dir / f"{PREFIX}{service}{draft.name.removeprefix(f'.{PREFIX}')}"
    return draft.rename(folder)


def remove_dead_folders(runtime_dir: Path, service: str) -> None:
    """Remove the folders of a service's ended processes."""
    for folder in runtime_dir.glob(f"{PREFIX}{service}*"):
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
