"""workflow-service while its workers are killed. `make chaos` does it for longer; `CHAOS_SEED` repeats a run."""

import os
import sys
from random import SystemRandom

import pytest

from tests.chaos.run import tell
from tests.chaos.workflow_checker import check
from tests.chaos.workflow_desk import PRESENT_IN
from tests.chaos.workflow_run import shaken_workflow

pytestmark = [pytest.mark.slow, pytest.mark.rabbitmq, pytest.mark.postgres, pytest.mark.timeout(900)]

SECONDS = 20
"""Of load and kills; what CHAOS_WORKFLOW_SECONDS says instead."""


def test_while_workers_are_killed_no_task_is_lost_or_doubled_and_no_clock_forgotten(on):
    seed = int(os.environ.get("CHAOS_SEED", SystemRandom().randrange(10**6)))
    remains = shaken_workflow(on, seed, float(os.environ.get("CHAOS_WORKFLOW_SECONDS", SECONDS)))
    sys.stderr.write(f"CHAOS_SEED={seed} {remains.summary()}\n")
    findings = check(remains, PRESENT_IN)
    assert not findings, f"CHAOS_SEED={seed}\n{tell(findings)}"
    assert 500 not in remains.answers
    # There was something to lose: kills, tasks, moves, breaches and escalations.
    assert remains.kills >= 5
    rows = remains.rows
    assert min(len(rows[name]) for name in ("tasks", "breaches", "escalations")) > 10
    assert any(row["action"] in ("transition", "completed") for row in rows["events"])
