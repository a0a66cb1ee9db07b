"""How right is the team that ai-service proposes, as people give teams tickets? `python -m benchmarks.teams`

The texts are in the folder that BENCH_DATA names; without it nothing is measured. Each topic of the IT tickets
stands for a team with a line of description. Likeness is what decides without a training.
"""

import sys
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from ai_service.adapters.local.classifier.caching_encoder import CachingEncoder
from ai_service.adapters.local.classifier.examples import Example, LabelInfo
from ai_service.adapters.local.classifier.training import train
from ai_service.adapters.local.team_matching import MAX_ENCODED_AT_ONCE, TeamMatcher
from ai_service.domain.company import Team
from model_kit.encoder import Encoder, OnnxEncoder
from model_kit.provision import ProvisioningFailed, provision
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
TRAINING_SIZES = (50, 100, 200)
"""Of each team, where two have fewer than two hundred and one has fewer than a hundred; or as many as they come."""
LOOKED_AT = 20
"""So many of a team's newest tickets similarity compares with."""
ASKED = 1_000
COMPANY = 1


Proposed = list[str | None]
"""For each ticket the accepted team, or None."""


def by_similarity(encoder: Any, asked: Sequence[Example], given: Mapping[str, Sequence[Example]]) -> Proposed:
    """Propose the team whose tickets or description a ticket resembles."""
    texts = {int(each.subject): each.text for mine in given.values() for each in mine}
    names = dict(enumerate(DESCRIPTIONS))
    teams = tuple(
        Team(number, name, DESCRIPTIONS[name], tuple(int(each.subject) for each in given[name]))
        for number, name in names.items()
    )
    matching = TeamMatcher(encoder, lambda _company, tickets: {ticket: texts[ticket] for ticket in tickets})
    for _ in range(len(texts) // MAX_ENCODED_AT_ONCE + 1):
        matching.match(COMPANY, asked[0].text, teams)
    found = [matching.match(COMPANY, each.text, teams) for each in asked]
    return [names[match.team_id] if match is not None and match.accepted else None for match in found]


def by_trained_head(encoder: Any, asked: Sequence[Example], given: Mapping[str, Sequence[Example]]) -> Proposed:
    """Propose the teams that a head trained on these tickets accepts."""
    examples = sorted((each for mine in given.values() for each in mine), key=lambda each: each.at)
    head = train(examples, [LabelInfo(name, description) for name, description in DESCRIPTIONS.items()], encoder)
    texts = [each.text for each in asked]
    return [None if each.abstention_reason else each.label for each in head.classify(texts, encoder.embed(texts))]


def share_and_precision(asked: Sequence[Example], proposed: Proposed) -> tuple[float, float]:
    """Return the share of tickets for which a team is accepted, and how often that is the right one."""
    right = [team == each.label for each, team in zip(asked, proposed, strict=True) if team is not None]
    return len(right) / len(asked), mean(right) if right else 0.0


def rows(encoder: Encoder) -> list[Row]:
    """Measure with more and more tickets that people gave each team: by similarity, then by a trained head."""
    measured: dict[str, list[tuple[float, float]]] = {}
    for seed in SEEDS:
        examples = shuffled(read(TICKETS), seed)
        asked, rest = examples[:ASKED], examples[ASKED:]
        for number in GIVEN:
            proposed = by_similarity(encoder, asked, _of_each(rest, number))
            measured.setdefault(f"tickets of each team: {number}", []).append(share_and_precision(asked, proposed))
        for number in TRAINING_SIZES:
            total = number * len(DESCRIPTIONS)
            for how, given in (
                (f"{number} of each team", _of_each(rest, number)),
                (f"{total:,} as they come", _of_each(rest[:total], total)),
            ):
                for what, figures in _learnt(encoder, asked, given).items():
                    measured.setdefault(f"{how}: {what}", []).append(figures)
    return [_row(what, runs) for what, runs in measured.items()]


def _of_each(examples: Sequence[Example], number: int) -> dict[str, list[Example]]:
    return {name: [each for each in examples if each.label == name][:number] for name in DESCRIPTIONS}


def _learnt(
    encoder: Any, asked: Sequence[Example], given: Mapping[str, Sequence[Example]]
) -> dict[str, tuple[float, float]]:
    similarity = by_similarity(encoder, asked, {name: mine[-LOOKED_AT:] for name, mine in given.items()})
    learnt = by_trained_head(encoder, asked, given)
    abstained = [place for place, team in enumerate(learnt) if team is None]
    return {
        "similarity alone": share_and_precision(asked, similarity),
        "the head alone": share_and_precision(asked, learnt),
        "similarity, of what the head abstains on": share_and_precision(
            [asked[place] for place in abstained], [similarity[place] for place in abstained]
        ),
    }


def _row(what: str, runs: Sequence[tuple[float, float]]) -> Row:
    shares, right = zip(*runs, strict=True)
    return Row(
        what,
        f"{mean(right):.1%} ({min(right):.1%}–{max(right):.1%})",
        besides=f"right, of the {mean(shares):.1%} for which a team is accepted",
    )


def main() -> Table:
    """Measure with one thread; without the data or the encoder the table says why it is empty."""
    table = Table(f"Teams proposed for {ASKED:,} IT tickets, eight topics as teams, {len(SEEDS)} draws")
    try:
        read(TICKETS)
        provision(ENCODER, "package", install=False, report=lambda text: print(text, file=sys.stderr))
    except (NoData, ProvisioningFailed) as reason:
        table.rows.append(Row("skipped", "not measured", besides=str(reason).splitlines()[0]))
        return table
    encoder: Any = CachingEncoder(OnnxEncoder(ENCODER))
    with threadpool_limits(1):
        table.rows += rows(encoder)
    return table


if __name__ == "__main__":
    main().show()
