"""How right is the team that ai-service proposes, as people give teams tickets? `python -m benchmarks.teams`

The texts are in the folder that BENCH_DATA names; without it nothing is measured. Each topic of the IT tickets
stands for a team with a line of description.
"""

import sys
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from ai_service.adapters.local.teams import READ_AT_ONCE, TeamMatching
from ai_service.classifier.examples import Example
from ai_service.classifier.remembered import Remembered
from ai_service.domain.company import Team
from model_kit.encoder import Encoder, OnnxEncoder
from model_kit.prepare import CantPrepare, prepare
from threadpoolctl import threadpool_limits

from benchmarks.labelled import TICKETS, NoData, read, shuffled
from benchmarks.report import Row, Table
from benchmarks.triage import ENCODER, SEEDS

DESCRIPTIONS = {
    "Access": "accounts, logins, permissions, passwords",
    "Administrative rights": "admin rights, elevated permissions, installing software",
    "HR Support": "leave, onboarding, payroll, candidates, time cards",
    "Hardware": "laptop, monitor, keyboard, docking station, headset",
    "Internal Project": "project codes, new projects, time codes",
    "Miscellaneous": "everything else",
    "Purchase": "purchase orders, invoices, receipts",
    "Storage": "mailbox quota, disk space, shared drives, folders",
}
GIVEN = (0, 1, 2, 5, 10, 20)
ASKED = 1_000
COMPANY = 1


def share_and_right(
    encoder: Any, asked: Sequence[Example], given: Mapping[str, Sequence[Example]]
) -> tuple[float, float]:
    """Return the share of tickets for which a team is believed, and how often that is the right one."""
    texts = {int(each.subject): each.text for mine in given.values() for each in mine}
    names = dict(enumerate(DESCRIPTIONS))
    teams = tuple(
        Team(number, name, DESCRIPTIONS[name], tuple(int(each.subject) for each in given[name]))
        for number, name in names.items()
    )
    matching = TeamMatching(encoder, lambda _company, tickets: {ticket: texts[ticket] for ticket in tickets})
    for _ in range(len(texts) // READ_AT_ONCE + 1):
        matching.match(COMPANY, asked[0].text, teams)
    found = [(each, matching.match(COMPANY, each.text, teams)) for each in asked]
    right = [names[match.team_id] == each.label for each, match in found if match is not None and match.believed]
    return len(right) / len(asked), mean(right) if right else 0.0


def rows(encoder: Encoder) -> list[Row]:
    """Measure with more and more tickets that people gave each team."""
    measured: dict[int, list[tuple[float, float]]] = {}
    for seed in SEEDS:
        examples = shuffled(read(TICKETS), seed)
        asked, rest = examples[:ASKED], examples[ASKED:]
        for number in GIVEN:
            given = {name: [each for each in rest if each.label == name][:number] for name in DESCRIPTIONS}
            measured.setdefault(number, []).append(share_and_right(encoder, asked, given))
    return [_row(number, runs) for number, runs in measured.items()]


def _row(number: int, runs: Sequence[tuple[float, float]]) -> Row:
    shares, right = zip(*runs, strict=True)
    return Row(
        f"tickets given to each team: {number}",
        f"{mean(right):.1%} ({min(right):.1%}–{max(right):.1%})",
        besides=f"right, of the {mean(shares):.1%} for which a team is believed",
    )


def main() -> Table:
    """Measure with one thread; without the data or the encoder the table says why it is empty."""
    table = Table(f"Teams proposed for {ASKED:,} IT tickets, eight topics as teams, {len(SEEDS)} draws")
    try:
        read(TICKETS)
        prepare(ENCODER, "package", install=False, say=lambda text: print(text, file=sys.stderr))
    except (NoData, CantPrepare) as reason:
        table.rows.append(Row("skipped", "not measured", besides=str(reason).splitlines()[0]))
        return table
    encoder: Any = Remembered(OnnxEncoder(ENCODER))
    with threadpool_limits(1):
        table.rows += rows(encoder)
    return table


if __name__ == "__main__":
    main().show()
