"""Passages of several documents rather than of one, best first."""

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from rag_service.domain.passage import Passage
from rag_service.domain.selection import diversify

DOCUMENTS = [UUID(int=number) for number in range(1, 5)]


def passage(score: float, document: UUID = DOCUMENTS[0]) -> Passage:
    return Passage(uuid4(), document, "file", "a.md", (), "", "text", score)


def test_neighbours_of_a_good_passage_leave_room_for_other_documents() -> None:
    crowd = [passage(0.9 - 0.01 * number) for number in range(5)]
    other = passage(0.7, DOCUMENTS[1])
    assert diversify([*crowd, other], 3) == [crowd[0], crowd[1], other]


def test_of_one_document_the_best_are_chosen() -> None:
    crowd = [passage(0.9 - 0.1 * number) for number in range(8)]
    assert diversify(crowd, 3) == crowd[:3]


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from(DOCUMENTS)), max_size=30), st.integers(1, 12))
def test_what_is_chosen_is_sorted_and_holds_the_best(found: list[tuple[float, UUID]], most: int) -> None:
    passages = [passage(score, document) for score, document in found]
    chosen = diversify(passages, most)
    assert len(chosen) == min(most, len(passages))
    assert [each.score for each in chosen] == sorted((each.score for each in chosen), reverse=True)
    assert len({each.chunk_id for each in chosen}) == len(chosen)
    if passages:
        assert chosen[0].score == max(each.score for each in passages)
