"""Long tables share vectors; everything else has its own."""

import numpy as np
import pytest
from rag_service.domain.document import Chunk, PassageKind
from rag_service.domain.own_vectors import with_own_vector
from rag_service.usecases.passage_vectors import PassageVectors


def passages(*kinds: PassageKind, locator: str = "sheet A") -> list[Chunk]:
    return [Chunk(place, f"text {place}", "title", (), locator, kind) for place, kind in enumerate(kinds)]


PROSE, ROWS, QA = PassageKind.PROSE, PassageKind.ROWS, PassageKind.QA


@pytest.mark.parametrize("most", [3, 4, 50])
def test_a_short_table_has_all_its_vectors(most: int) -> None:
    assert with_own_vector(passages(PROSE, ROWS, ROWS, QA, ROWS), most) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("rows", "most"), [(1_000, 300), (301, 300), (7, 2), (50, 1)])
def test_of_a_long_table_rows_are_chosen_evenly_and_prose_is_never_left_out(rows: int, most: int) -> None:
    chunks = passages(PROSE, *[ROWS] * rows, QA)
    own = with_own_vector(chunks, most)
    assert own == sorted(set(own))
    assert {0, rows + 1} <= set(own)
    chosen = [place for place in own if chunks[place].kind is ROWS]
    assert len(chosen) == most
    gaps = np.diff([*chosen, rows + 1])
    assert gaps.max() <= -(-rows // most) + 1


def test_a_row_without_a_vector_gets_the_mean_of_its_own_table() -> None:
    chunks = passages(ROWS, ROWS, ROWS) + passages(ROWS, ROWS, locator="sheet B") + passages(ROWS, locator="sheet C")
    first, second = np.eye(4, dtype=np.float16)[:2]
    vectors = PassageVectors.of(chunks, {0: first, 1: second, 3: first})
    assert vectors.searched(0, chunks[0])[1] is False
    shared, is_shared = vectors.searched(2, chunks[2])
    assert is_shared
    assert np.allclose(shared, [0.5**0.5, 0.5**0.5, 0, 0], atol=1e-3)
    assert np.allclose(vectors.searched(4, chunks[4])[0], [1, 0, 0, 0])
    # No row of the third table has a vector: the document's mean.
    assert np.isclose(np.linalg.norm(vectors.searched(5, chunks[5])[0]), 1)
