"""Training examples, texts with the label that a person chose, and their split into training and held-out sets."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

HOLD_OUT_SHARE = 0.2
MIN_HELD_OUT = 20
"""LocalScores on fewer held-out examples mean nothing."""
MIN_EXAMPLES_TO_HOLD_OUT = 100
"""With fewer examples none is held out."""
MAX_HELD_OUT = 2_000
"""Only the newest ones count, so that figures reflect current tickets."""

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Example:
    """A text and its label."""

    subject: str
    """The id of the example, such as a ticket's number; shown with neighbours."""
    text: str
    label: str
    at: datetime
    """The time at which the text arrived."""
    held_out: bool | None = None
    """Whether models are measured on it instead of trained on it; None until its first use."""
    team: str | None = None
    """The name, as a label, of the team that a person chose, if any."""


@dataclass(frozen=True)
class LabelInfo:
    """A label's name and description, known before anybody used the label."""

    name: str
    description: str = ""
    called: str = ""
    """Its display name, if its name is a number."""

    @property
    def text(self) -> str:
        """Return name and description as one text."""
        return f"{self.spoken}. {self.description}".strip()

    @property
    def spoken(self) -> str:
        """Return the display name as words; many lists write underscores for spaces."""
        return (self.called or self.name).replace("_", " ").strip()


@dataclass(frozen=True)
class Split:
    """Examples to train on, and held-out ones to measure on, possibly none; each oldest first."""

    learn: tuple[Example, ...]
    held_out: tuple[Example, ...]


def folded(text: str) -> str:
    """Return a text without case and spacing, as the key by which equal texts are recognized."""
    return _SPACE.sub(" ", text.casefold()).strip()


def unique(examples: Iterable[Example], labels: Iterable[str]) -> list[Example]:
    """Return one example per text, oldest first: the latest one, if its label still exists.

    A text is held out if one ticket with this text is: trained on as a duplicate, its answer would be known beforehand.
    """
    known = set(labels)
    latest: dict[str, Example] = {}
    held_out: dict[str, bool] = {}
    for example in sorted(examples, key=_age):
        if key := folded(example.text):
            latest[key] = example
            if example.held_out is not None:
                held_out[key] = held_out.get(key, False) or example.held_out
    kept = (replace(each, held_out=held_out.get(key)) for key, each in latest.items() if each.label in known)
    return sorted(kept, key=_age)


def split(examples: Sequence[Example]) -> Split:
    """Hold out the newest fifth of the examples used for the first time; earlier decisions stay.

    So two models are measured on the same tickets, none of which either was trained on.
    """
    new = [each for each in examples if each.held_out is None]
    before = [each for each in examples if each.held_out]
    border = len(new) - _number_to_hold_out(len(examples), len(new), len(before))
    learn = [each for each in examples if each.held_out is False] + new[:border]
    held_out = sorted(before + new[border:], key=_age)[-MAX_HELD_OUT:]
    return Split(tuple(sorted(learn, key=_age)), tuple(held_out))


def new_hold_out_decisions(
    raw_examples: Iterable[Example], examples: Iterable[Example], parts: Split
) -> dict[str, bool]:
    """Return for each subject used for the first time whether it is held out; duplicates follow their text.

    `raw_examples` is the input of `unique`, which returned `examples`; `split` made `parts` of those.
    """
    used, trained_on = {folded(each.text) for each in examples}, {folded(each.text) for each in parts.learn}
    fresh = ((each.subject, folded(each.text)) for each in raw_examples if each.held_out is None)
    return {subject: key not in trained_on for subject, key in fresh if key in used}


def _number_to_hold_out(examples: int, new: int, held_out: int) -> int:
    if examples < MIN_EXAMPLES_TO_HOLD_OUT:
        return 0
    # Where people decide little, few examples come at a time. Half of them are held out until there are enough.
    missing = min(MIN_HELD_OUT - held_out, (new + 1) // 2)
    return max(round(new * HOLD_OUT_SHARE), missing, 0)


def _age(example: Example) -> tuple[datetime, str]:
    return example.at, example.subject


def data_version(examples: Iterable[Example]) -> str:
    """Return twelve hexadecimal digits of a hash of these examples."""
    digest = hashlib.sha256()
    for each in examples:
        digest.update(repr((each.subject, folded(each.text), each.label)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:12]
