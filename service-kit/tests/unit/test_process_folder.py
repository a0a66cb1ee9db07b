"""The folder of a service's processes is removed after their end, also where they are killed."""

import signal
import subprocess
import sys
from pathlib import Path

from service_kit.process_folder import make_process_folder

MAKES = """
import os, sys, time
from pathlib import Path
from service_kit.process_folder import make_process_folder
folder = make_process_folder(Path(sys.argv[1]), "shop")
(folder / "worker.json").write_text("{}"); (folder / "counter_7.db").write_text("")
child = os.fork()
if not child: time.sleep(600)
print(child, flush=True); time.sleep(600)
"""


def folders(runtime: Path) -> list[str]:
    return sorted(path.name for path in runtime.iterdir())


def test_the_next_start_removes_the_folder_of_processes_that_were_killed_and_no_other(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", MAKES, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    (old,) = folders(tmp_path)
    assert old.startswith("smartticket-processes-shop")
    (tmp_path / "shop-of-somebody-else").mkdir()

    process.send_signal(signal.SIGKILL)
    process.wait()
    first = make_process_folder(tmp_path, "shop")
    assert old in folders(tmp_path), "a process that was forked from it still lives"

    subprocess.run(["kill", "-9", str(child)], check=True)
    process.stdout.read()  # ends with the last process that could write to it
    process.stdout.close()
    second = make_process_folder(tmp_path, "shop")
    assert folders(tmp_path) == sorted(["shop-of-somebody-else", first.name, second.name])


def test_another_services_folder_is_left_alone(tmp_path: Path) -> None:
    mine = make_process_folder(tmp_path, "shop")
    other = make_process_folder(tmp_path, "bakery")
    assert folders(tmp_path) == sorted([mine.name, other.name])
    assert mine.stat().st_mode & 0o077 == 0
