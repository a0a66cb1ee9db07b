"""A child process ends with its time, or with an error of the code that uses it, and is nice."""

import os
import subprocess
import sys

import pytest
from ai_service.adapters.child_process import lower_priority
from ai_service.adapters.time_limit import killed_after

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]


def test_a_process_is_killed_when_its_time_is_over() -> None:
    with subprocess.Popen(SLEEPS) as process:
        with killed_after(0.2, process) as timed_out:
            process.wait()
        assert timed_out.is_set()


def test_a_process_that_ends_in_time_is_not_called_late() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        with killed_after(600, process) as timed_out:
            assert process.wait() == 0
        assert not timed_out.is_set()


def test_an_error_ends_the_process() -> None:
    with subprocess.Popen(SLEEPS) as process:
        with pytest.raises(LookupError), killed_after(600, process):
            raise LookupError
        assert process.wait(60) != 0


def test_a_process_is_as_nice_as_set_but_never_less_than_the_service() -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with subprocess.Popen(SLEEPS) as process:
        lower_priority(process, 15)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == max(own, 15)
        process.kill()
    with subprocess.Popen(SLEEPS) as process:
        lower_priority(process, 0)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == own
        process.kill()
    lower_priority(process, 10)  # It has ended.
