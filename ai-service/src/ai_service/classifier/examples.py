"""What a head learns from: texts with the label that a person gave them."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

HOLD_OUT_SHARE = 0.2
MIN_HELD_OUT = 20
"""With fewer held out no figure would mean anything."""
MIN_EXAMPLES_TO_HOLD_OUT = 100
"""With fewer texts all are learnt from."""
MAX_HELD_OUT = 2_000
"""So many of the newest are measured on, so that figures follow the times."""

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
    held_out: bool | None = None
    """Whether models are measured on it instead of learning from it; None until it is used for the first time."""
    team: str | None = None
    """The name, as a label, of the team that a person gave it to, where one did."""


@dataclass(frozen=True)
class LabelInfo:
    """What is known about a label before anybody used it."""

    name: str
    description: str = ""
    called: str = ""
    """What people call it, where its name is a number."""

    @property
    def text(self) -> str:
        """Return it as one text."""
        return f"{self.spoken}. {self.description}".strip()

    @property
    def spoken(self) -> str:
        """Return what it is called as words; many lists write underscores for spaces."""
        return (self.called or self.name).replace("_", " ").strip()


@dataclass(frozen=True)
class Split:
    """Examples to learn from, and others to be measured on, which may be none; each oldest first."""

    learn: tuple[Example, ...]
    held_out: tuple[Example, ...]


def folded(text: str) -> str:
    """Return a text without case and spacing: what is the same but for these is one text."""
    return _SPACE.sub(" ", text.casefold()).strip()


def unique(examples: Iterable[Example], labels: Iterable[str]) -> list[Example]:
    """Return one example per text, oldest first: the latest judgement about it, where its label still exists.

    A text is held out as soon as one ticket that says it is: learnt from as a twin it would be known beforehand.
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
    """Hold out the newest fifth of what is used for the first time; what was decided before stays as it was.

    So two models are measured on the same tickets, and on none that either of them learnt from.
    """
    new = [each for each in examples if each.held_out is None]
    before = [each for each in examples if each.held_out]
    border = len(new) - _number_to_hold_out(len(examples), len(new), len(before))
    learn = [each for each in examples if each.held_out is False] + new[:border]
    held_out = sorted(before + new[border:], key=_age)[-MAX_HELD_OUT:]
    return Split(tuple(sorted(learn, key=_age)), tuple(held_out))


def new_hold_out_decisions(told: Iterable[Example], examples: Iterable[Example], parts: Split) -> dict[str, bool]:
    """Return which subjects' fate `parts` decided: held out or not, twins of a text like the text.

    `told` is everything that `examples` was made of by `unique`, and `parts` by `split`.
    """
    used, learnt = {folded(each.text) for each in examples}, {folded(each.text) for each in parts.learn}
    fresh = ((each.subject, folded(each.text)) for each in told if each.held_out is None)
    return {subject: key not in learnt for subject, key in fresh if key in used}


def _number_to_hold_out(examples: int, new: int, held_out: int) -> int:
    if examples < MIN_EXAMPLES_TO_HOLD_OUT:
        return 0
    # Few come at a time where people decide little. Until there are enough to measure on, half of them is taken.
    missing = min(MIN_HELD_OUT - held_out, (new + 1) // 2)
    return max(round(new * HOLD_OUT_SHARE), missing, 0)


def _age(example: Example) -> tuple[datetime, str]:
    return example.at, example.subject


def data_version(examples: Iterable[Example]) -> str:
    """Return twelve hexadecimal digits that stand for these examples."""
    digest = hashlib.sha256()
    for each in examples:
        digest.update(repr((each.subject, folded(each.text), each.label)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:12]
