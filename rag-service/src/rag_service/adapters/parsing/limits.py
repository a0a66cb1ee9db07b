"""Limits of one parse: time, memory, and amount of text."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of one parse; error messages for users name them."""

    seconds: int = 20
    """CPU time; elapsed time is limited to three times that."""
    memory_mb: int = 512
    """Of address space."""
    characters: int = 20_000_000
    """Of text in one document."""
    sections: int = 50_000
    pages: int = 2_000
    unpacked_mb: int = 200
    """Unpacked size of a packed file (docx, xlsx), counted while it is unpacked."""
    entries: int = 1_000
    """Files in a packed file."""
    ratio: int = 100
    """Maximal compression ratio."""
    cells: int = 2_000_000
    columns: int = 1_000

    def to_json(self) -> str:
        """Serialize the limits for the parsing process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Limits":
        """Parse the output of `to_json`."""
        return cls(**json.loads(text))
