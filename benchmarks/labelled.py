"""Public labelled texts to measure on, from the folder that BENCH_DATA names; they are not part of this project."""

import csv
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from ai_service.adapters.local.classifier.examples import Example, unique

TICKETS = "it_topic_groups/topic_group_first3806.csv"
REQUESTS_TRAIN, REQUESTS_TEST = "banking77/train.csv", "banking77/test.csv"
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class NoData(Exception):
    """The texts are not here; the message says how to name their folder."""


def read(name: str) -> list[tuple[str, str]]:
    """Return the (text, label) rows of a file, labels with spaces for underscores. Raises NoData."""
    folder = os.environ.get("BENCH_DATA", "")
    if not folder:
        raise NoData("BENCH_DATA names no folder with it_topic_groups and banking77")
    try:
        with (Path(folder) / name).open(encoding="utf-8", newline="") as file:
            _header, *rows = csv.reader(file)
    except OSError as error:
        raise NoData(f"{Path(folder) / name}: {error.strerror}") from None
    # One file ends in the middle of a row.
    return [(row[0], row[1].replace("_", " ")) for row in rows if len(row) == 2]


def shuffled(rows: Iterable[tuple[str, str]], seed: int) -> list[Example]:
    """Return one example per text, in an order by seed.

    The files are sorted by label and know no time; heads are calibrated on their newest examples, so a time is made up.
    """
    rows = list(rows)
    order = np.random.default_rng(seed).permutation(len(rows))
    examples = [
        Example(str(place), *rows[place], at=FIRST_DAY + timedelta(minutes=number))
        for number, place in enumerate(order)
    ]
    return unique(examples, {label for _, label in rows})
