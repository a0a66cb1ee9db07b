"""The declared kinds of problems: the rows of `problems.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import yaml
from smartticket_contracts import folder


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its stable code, its statuses, when it is answered and what the caller can do."""

    code: str
    statuses: tuple[int, ...]
    when: str
    advice: str


@cache
def kinds() -> Mapping[str, Kind]:
    """Return all kinds by their codes, in the order of the file."""
    rows = yaml.safe_load((folder() / "problems.yaml").read_text(encoding="utf-8"))
    return {code: Kind(code, tuple(statuses), when, advice) for code, (statuses, when, advice) in rows.items()}
