"""What a file may cost, and how much text may come of it."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Limits:
    """The walls of one parsing; the reasons that people read name them."""

    seconds: int = 20
    """Of CPU time, and of wall time from the start of the process."""
    memory_mb: int = 512
    """Of address space."""
    characters: int = 20_000_000
    """Of text in one document."""
    sections: int = 50_000
    pages: int = 2_000
    unpacked_mb: int = 200
    """What a packed file (docx, xlsx) may hold, counted while it is unpacked."""
    entries: int = 1_000
    """Files in a packed file."""
    ratio: int = 100
    """How many times its size a packed file may hold."""
    cells: int = 2_000_000
    columns: int = 1_000
    table_pages: int = 40
    """Pages of a PDF whose ruled tables are read cell by cell; that is dear, the others' tables are read as lines."""
    table_seconds: float = 4.0

    def to_json(self) -> str:
        """Write it for the process that parses."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Limits":
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))
