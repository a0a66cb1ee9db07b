"""Files to upload, and the forms that carry them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Upload = Path | tuple[str, bytes]
"""A file on this machine, or a name with content."""


@dataclass(frozen=True)
class Form:
    """A multipart form. Files are read for every try, so that a retry sends all of them again."""

    files: Mapping[str, Upload | None] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """Return the arguments of requests; fields that are None are left out."""
        parts: list[tuple[str, Any]] = []
        for name, value in self.fields.items():
            values = value if isinstance(value, list | tuple) else [value]
            parts += [(name, (None, str(each))) for each in values if each is not None]
        for name, upload in self.files.items():
            if upload is not None:
                filename, content = (upload.name, upload.read_bytes()) if isinstance(upload, Path) else upload
                parts.append((name, (filename, content)))
        return {"files": parts}
