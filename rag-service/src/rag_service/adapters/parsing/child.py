"""The process that parses one file: `python -I -m rag_service.adapters.parsing.child KIND PARENT LIMITS`.

It reads the file from standard input and writes the reply to standard output. It loads its libraries, enters the
sandbox, and only then reads the file.
"""

import os
import sys
from importlib import import_module

from rag_service.adapters.parsing import protocol, sandbox
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import Parsed, Unreadable

READERS = {
    "pdf": "pdf",
    "word": "word",
    "excel": "sheets",
    "csv": "tables_csv",
    "text": "plain",
    "html": "html",
    "markdown": "markdown",
}
DAMAGED = "The file is damaged ({}). Open it in the program it comes from, save it again and upload that."
NO_MEMORY = Unreadable("too_large", "The file needs more memory than one may; split it into smaller files.")


def read(data: bytes, kind: str, limits: Limits) -> Parsed:
    """Return a file's text. Raises Unreadable, and whatever a library raises at a damaged file."""
    if not data:
        raise Unreadable("empty", "The file is empty.")
    reader = import_module(f"rag_service.adapters.parsing.{READERS[kind]}")
    return reader.read(data, limits).parsed()  # type: ignore[no-any-return]


def answered(data: bytes, kind: str, limits: Limits) -> bytes:
    """Return the reply for a file, whether parsing succeeds or fails."""
    try:
        return protocol.encode_document(read(data, kind, limits))
    except Unreadable as reason:
        return protocol.encode_failure(reason)
    except MemoryError:
        return protocol.encode_failure(NO_MEMORY)
    except Exception as error:
        # The error's text may quote the file or name a path, so only its type is reported.
        return protocol.encode_failure(Unreadable("broken", DAMAGED.format(type(error).__name__)))


def main(kind: str, parent: str, limits: str) -> None:
    """Parse standard input, write the reply, and exit without cleanup."""
    parsed_limits = Limits.from_json(limits)
    import_module(f"rag_service.adapters.parsing.{READERS[kind]}")
    out = os.dup(1)
    # A library that prints would corrupt the reply.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sandbox.enter_sandbox(parsed_limits.seconds, parsed_limits.memory_mb, int(parent))
    with os.fdopen(0, "rb", closefd=False) as file:
        data = file.read()
    written = memoryview(answered(data, kind, parsed_limits))
    while written:
        written = written[os.write(out, written) :]
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
