"""The long run: `python -m tests.chaos.run --minutes 15 [--seed N]`; ends with 1 where a checker finds anything."""

import argparse
import signal
import sys
import time
from random import Random, SystemRandom

import requests

from tests.chaos import people_checker, workflow_checker
from tests.chaos.checker import Finding, check
from tests.chaos.cluster import Cluster, Ground, ground
from tests.chaos.faults import Faults
from tests.chaos.history import History, gather, wait_until_quiet
from tests.chaos.load import Load
from tests.chaos.people_run import shaken_people
from tests.chaos.workflow_desk import PRESENT_IN
from tests.chaos.workflow_run import shaken_workflow
from tests.reaper import end_with_script
from tests.stack import eventually

CONVERGE_SECONDS = 180
CRASH_ONE_IN = 60
FEWEST_COUNTED = 20
"""Before a queue is deleted: what is sent again then shows whether effects happen twice."""
WORKFLOW_SHARE = 0.2
"""The part of the time of a run for which workflow-service is shaken afterwards, alone."""
PEOPLE_SHARE = 0.2
"""The part of the time for which mails and webhooks are shaken after that."""
SABOTAGE = {"analytics-service": "inbox-off", "ai-service": "acknowledge-first", "routing-service": "mark-first"}


def storm(cluster: Cluster, faults: Faults, seed: int, *, kills: int, every_seconds: float, outage: float) -> None:
    """Let everything happen once that the system promises to survive, kills in between."""
    random = Random(seed)
    third = kills // 3
    faults.kill(third, every_seconds)
    with faults.stopped(random.choice(["ticket-service", "ai-service.2"])):
        faults.delete_queue(random.choice(["routing-service.route", "ticket-service.show-routing"]))
        faults.kill(third, every_seconds)
    faults.break_broker(outage)
    faults.kill(kills - 2 * third, every_seconds)
    faults.crash_postgres()


def shaken(on: Ground, seed: int, seconds: float, *, kills: int = 20, every_seconds: float = 1.2) -> History:
    """Run the system under load and under fire for at least `seconds`; return what was written down."""
    with Cluster(on=on, crash_one_in=CRASH_ONE_IN) as cluster:
        faults = Faults(cluster, seed)
        started = time.monotonic()
        with Load(cluster.url, seed) as load:
            while True:
                storm(cluster, faults, seed, kills=kills, every_seconds=every_seconds, outage=10)
                seed += 1
                if time.monotonic() - started > seconds:
                    break
        # Under load some service is always on its way back from a crash.
        cluster.wait_healthy()
        history = gather(cluster, load, wait_until_quiet(cluster, CONVERGE_SECONDS))
        sys.stderr.write("\n".join([*faults.done, f"{cluster.restarts} restarts", history.summary(), ""]))
        return history


def sabotaged(on: Ground, seed: int, seconds: float = 12) -> History:
    """Run the system with three of its safeguards broken, one per service; return what was written down."""
    with Cluster(on=on, sabotage=SABOTAGE) as cluster:
        with Load(cluster.url, seed, per_second=20) as load:
            time.sleep(seconds / 2)
            eventually(lambda: counted(cluster) >= FEWEST_COUNTED)
            # What was published is sent again to the new queue, and nobody there knows that it was done.
            Faults(cluster, seed).delete_queue("analytics-service.count")
            time.sleep(seconds / 2)
        history = gather(cluster, load, wait_until_quiet(cluster, 5))
        sys.stderr.write(f"{cluster.restarts} restarts; {history.summary()}\n")
        return history


def counted(cluster: Cluster) -> int:
    """Return how many tickets analytics-service shows, 0 where it can't be asked at the moment."""
    answer = requests.get(cluster.url + "/api/dashboard/summary", timeout=60)
    return int(answer.json()["total_tickets"]) if answer.ok else 0


def tell(findings: list[Finding]) -> str:
    """Write findings for people, the first thirty."""
    lines = [f"{finding.kind}: {finding.what}" for finding in findings]
    return "\n".join([*lines[:30], f"{len(lines)} findings"])


def main() -> int:
    """Run; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6))
    options = parser.parse_args()
    sys.stderr.write(f"seed {options.seed}\n")
    # Everything is taken down in its order where there is time for it; the reaper does it where there is none.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    end_with_script()
    with ground() as on:
        findings = check(shaken(on, options.seed, options.minutes * 60))
        remains = shaken_workflow(on, options.seed, options.minutes * 60 * WORKFLOW_SHARE)
        left = shaken_people(on, options.seed, options.minutes * 60 * PEOPLE_SHARE)
    sys.stderr.write(f"workflow-service: {remains.summary()}\nmails and webhooks: {left.summary()}\n")
    findings += workflow_checker.check(remains, PRESENT_IN) + people_checker.check(left)
    sys.stderr.write(tell(findings) + "\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
