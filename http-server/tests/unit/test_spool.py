"""Bodies in memory and on disk."""

import pytest
from http_server.refusal import Refusal
from http_server.spool import MAX_MEMORY_BYTES, Body, Spool


@pytest.mark.parametrize("size", [0, 1, MAX_MEMORY_BYTES, MAX_MEMORY_BYTES + 1, 3 * MAX_MEMORY_BYTES + 7])
@pytest.mark.parametrize("piece", [1000, MAX_MEMORY_BYTES, 5 * MAX_MEMORY_BYTES])
def test_a_body_is_read_as_it_was_written(size: int, piece: int) -> None:
    spool = Spool(10**7, 0)
    body, data = Body(spool), bytes(range(256)) * (size // 256 + 1)
    for start in range(0, size, piece):
        body.append(data[start : min(start + piece, size)])
    assert body.stream().read() == data[:size]
    assert spool.used_bytes == (size if size > MAX_MEMORY_BYTES else 0)
    body.close()
    assert spool.used_bytes == 0


def test_a_spool_beyond_its_margin_refuses_large_bodies_and_takes_small_ones() -> None:
    spool = Spool(MAX_MEMORY_BYTES * 3, MAX_MEMORY_BYTES)
    large = Body(spool)
    large.append(b"x" * MAX_MEMORY_BYTES * 4)
    assert spool.full
    with pytest.raises(Refusal) as refusal:
        Body(spool).append(b"x" * (MAX_MEMORY_BYTES + 1))
    assert refusal.value.status == 503
    Body(spool).append(b"x" * MAX_MEMORY_BYTES)
    large.close()
    assert not spool.full
