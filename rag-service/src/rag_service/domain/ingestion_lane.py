"""Which files are ingested at once, and which wait in a queue of their own, so that small files don't wait for them."""

MIB = 1024 * 1024
MAX_SMALL_BYTES = {"pdf": MIB, "word": MIB}
"""Files of these kinds are often large because of their pictures, which are not read."""
MAX_OTHER_SMALL_BYTES = MIB // 4
MAX_SMALL_VECTORS = 100
"""Passages that are embedded, which takes about five seconds on one core."""
INDEXED_PER_VECTOR = 25
"""Passages that are indexed in the time of embedding one."""
MAX_SMALL_PARSE_SECONDS = 3
POSTPONED = "It is large: files that are read faster come first."
"""The reason that a large document shows while it waits."""


def is_large_file(kind: str, size_bytes: int) -> bool:
    """Return whether a file is taken to be large by its size alone."""
    return size_bytes > MAX_SMALL_BYTES.get(kind, MAX_OTHER_SMALL_BYTES)


def is_large_text(passages: int, embedded: int) -> bool:
    """Return whether a file proves large once it is cut: `passages` are indexed, and `embedded` of them embedded."""
    return embedded + passages // INDEXED_PER_VECTOR > MAX_SMALL_VECTORS
