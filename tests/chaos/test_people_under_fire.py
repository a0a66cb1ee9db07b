"""Mails and webhooks while each server is killed in turn. `make chaos` does it for longer; `CHAOS_SEED` repeats one."""

import os
import sys
from random import SystemRandom

import pytest

from tests.chaos.people_checker import check
from tests.chaos.people_run import shaken_people
from tests.chaos.run import tell

pytestmark = [pytest.mark.slow, pytest.mark.rabbitmq, pytest.mark.postgres, pytest.mark.timeout(900)]


def test_while_all_servers_are_killed_in_turn_no_mail_or_message_is_lost_or_doubled(on):
    seed = int(os.environ.get("CHAOS_SEED", SystemRandom().randrange(10**6)))
    remains = shaken_people(on, seed, 0)
    sys.stderr.write(f"CHAOS_SEED={seed} {remains.summary()}\n")
    findings = check(remains)
    assert not findings, f"CHAOS_SEED={seed}\n{tell(findings)}"
    # There was something to lose, and it went through the servers that were killed.
    assert min(remains.kills.values()) >= 2
    assert len(remains.mails_in) >= 5
    assert len(remains.arrived) >= 5
    assert len(remains.hooked) >= 20
