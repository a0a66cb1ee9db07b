"""Reads typed settings from a mapping, once at start, and reports all faults together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class BadSettings(Exception):
    """One or more settings are invalid; `faults` lists them with their remedy."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass
class Reader:
    """Reads typed values from a mapping and collects faults instead of raising at the first.

    `NAME_FILE` may replace `NAME`: the path of a file that holds the value (a secret mounted by compose).
    """

    mapping: Mapping[str, str]
    faults: list[str] = field(default_factory=list)

    def text(self, name: str, default: str = "", *, choices: frozenset[str] | None = None) -> str:
        """Return the stripped value, `default` where it is missing or blank."""
        value = self._raw(name) or default
        if choices is not None and value not in choices:
            self.faults.append(f"{name} must be one of {', '.join(sorted(choices))}, not {value!r}")
        return value

    def integer(self, name: str, default: int, *, minimum: int = 0, maximum: int = 2**31 - 1) -> int:
        """Return an integer between `minimum` and `maximum`."""
        return int(self._number(name, default, minimum, maximum, whole=True))

    def number(self, name: str, default: float, *, minimum: float = 0.0, maximum: float = 1e9) -> float:
        """Return a number between `minimum` and `maximum`."""
        return self._number(name, default, minimum, maximum, whole=False)

    def flag(self, name: str, default: bool) -> bool:
        """Return a boolean; accepts 1/0, true/false, yes/no, on/off."""
        raw = self._raw(name)
        if not raw:
            return default
        if raw.lower() not in TRUE | FALSE:
            self.faults.append(f"{name} must be true or false, not {raw!r}")
        return raw.lower() in TRUE

    def finish(self) -> None:
        """Raise BadSettings where there are faults."""
        if self.faults:
            raise BadSettings(self.faults)

    def _raw(self, name: str) -> str:
        path = self.mapping.get(f"{name}_FILE", "").strip()
        if path and not self.mapping.get(name, "").strip():
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                self.faults.append(f"{name}_FILE can't be read: {error}")
                return ""
        return self.mapping.get(name, "").strip()

    def _number(self, name: str, default: float, minimum: float, maximum: float, *, whole: bool) -> float:
        raw = self._raw(name)
        if not raw:
            return default
        try:
            value = float(int(raw)) if whole else float(raw)
        except ValueError:
            self.faults.append(f"{name} must be a {'whole ' if whole else ''}number, not {raw!r}")
            return default
        if not minimum <= value <= maximum:
            self.faults.append(f"{name} must be between {minimum} and {maximum}, not {raw}")
            return default
        return value
