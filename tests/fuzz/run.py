"""`python -m tests.fuzz.run --cases 2000 [--roles admin …] [--seed N]`: so many requests a role.

It ends with 1 where something was found.
"""

import argparse
import sys
from collections import Counter
from random import SystemRandom

from tests.fuzz.cases import Outcome, fuzz, operations_of
from tests.fuzz.system import ROLES, callers, guarded_stack
from tests.reaper import end_with_script

SHOWN = 200


def tell(outcomes: list[Outcome]) -> str:
    """Write the outcomes for people: a line a role, then each finding once."""
    lines = [f"{'':14}{'cases':>8}{'seconds':>9}{'2xx':>8}{'4xx':>8}{'5xx':>6}  findings"]
    for each in outcomes:
        classes = Counter[int]()
        for status, count in each.statuses.items():
            classes[status // 100] += count
        lines.append(
            f"{each.role:14}{each.cases:>8}{each.seconds:>9.0f}{classes[2]:>8}{classes[4]:>8}{classes[5]:>6}"
            f"  {sum(each.findings.values())}"
        )
    lines.append(f"{'in all':14}{sum(each.cases for each in outcomes):>8}")
    found = [(finding, count) for each in outcomes for finding, count in each.findings.most_common()]
    for finding, count in sorted(found, key=lambda pair: (pair[0].operation, pair[0].status))[:SHOWN]:
        lines += [
            f"\n{finding.operation} → {finding.status} as {finding.role}, {count} times: {finding.kind}",
            "    " + finding.excerpt.replace("\n", " "),
        ]
    return "\n".join(lines)


def main() -> int:
    """Return 1 where something must not be."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--cases", type=int, default=2_000, help="requests a role, about")
    arguments.add_argument("--roles", nargs="+", choices=ROLES, default=ROLES)
    arguments.add_argument("--seed", type=int, default=SystemRandom().randrange(2**32))
    arguments.add_argument(
        "--skip", type=int, default=0, help="operations to leave out, to go on after a run that ended early"
    )
    given = arguments.parse_args()
    end_with_script()
    print(f"seed {given.seed}", flush=True)
    with guarded_stack() as stack:
        operations = operations_of(stack.url)[given.skip :]
        print(f"{len(operations)} operations", flush=True)
        outcomes = fuzz(callers(stack, tuple(given.roles)), operations, cases=given.cases, start=given.seed)
    print(tell(outcomes))
    return int(any(each.findings for each in outcomes))


if __name__ == "__main__":
    sys.exit(main())
