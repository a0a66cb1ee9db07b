"""What a head learns from: texts with the label that a person gave them."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

HOLD_OUT_SHARE = 0.2
FEWEST_HELD_OUT = 20
"""With fewer held out no figure would mean anything, so then all are learnt from."""

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Example:
    """A text and where it belongs."""

    subject: str
    """What it is about, such as a ticket's number; shown as a neighbour."""
    text: str
    label: str
    at: datetime
    """When the text came."""


@dataclass(frozen=True)
class LabelInfo:
    """What is known about a label before anybody used it."""

    name: str
    description: str = ""

    @property
    def text(self) -> str:
        """Return it as one text."""
        return f"{self.name}. {self.description}".strip()


@dataclass(frozen=True)
class Split:
    """Examples to learn from and newer ones to be measured on, which may be none."""

    learn: tuple[Example, ...]
    held_out: tuple[Example, ...]


def folded(text: str) -> str:
    """Return a text without case and spacing: what is the same but for these is one text."""
    return _SPACE.sub(" ", text.casefold()).strip()


def unique(examples: Iterable[Example], labels: Iterable[str]) -> list[Example]:
    """Return one example per text, oldest first: the latest judgement about it, where its label still exists."""
    known = set(labels)
    latest: dict[str, Example] = {}
    for example in sorted(examples, key=lambda each: (each.at, each.subject)):
        if key := folded(example.text):
            latest[key] = example
    return sorted((each for each in latest.values() if each.label in known), key=lambda each: (each.at, each.subject))


def split(examples: Sequence[Example]) -> Split:
    """Hold out the newest fifth: what is measured there is what tomorrow's tickets will see."""
    number = int(len(examples) * HOLD_OUT_SHARE)
    if number < FEWEST_HELD_OUT:
        return Split(tuple(examples), ())
    return Split(tuple(examples[:-number]), tuple(examples[-number:]))


def data_version(examples: Iterable[Example]) -> str:
    """Return twelve hexadecimal digits that stand for these examples."""
    digest = hashlib.sha256()
    for each in examples:
        digest.update(repr((each.subject, folded(each.text), each.label)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:12]
