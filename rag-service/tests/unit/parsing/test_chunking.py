"""Passages: nothing is lost, nothing is too long, what belongs together stays together."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rag_service.adapters.parsing.chunking import StructuredChunker
from rag_service.domain.document import Chunk, Parsed, PassageKind, Section, Unreadable
from tokenizers import Tokenizer

WORDS = ("invoice", "printer", "badge", "reader", "pension", "travel", "room", "door", "vpn", "laptop")
WINDOW = 256


def prose(words: int, start: int = 0) -> str:
    """Return so many words, in sentences of ten."""
    joined = [WORDS[(number * 7 + start) % len(WORDS)] for number in range(words)]
    return " ".join(" ".join(joined[at : at + 10]).capitalize() + "." for at in range(0, words, 10))


def letters(text: str) -> str:
    return "".join(text.split())


@pytest.fixture(scope="session")
def tokenizer(encoder_folder: Path) -> Tokenizer:
    made = Tokenizer.from_file(str(encoder_folder / "tokenizer.json"))
    made.no_truncation()
    made.no_padding()
    return made


@pytest.fixture(scope="session")
def chunker(encoder_folder: Path) -> StructuredChunker:
    return StructuredChunker(encoder_folder)


def lengths(tokenizer: Tokenizer, chunks: list[Chunk]) -> list[int]:
    return [len(tokenizer.encode(each.searched).ids) for each in chunks]


def test_a_document_that_fits_stays_whole(chunker: StructuredChunker, tokenizer: Tokenizer) -> None:
    sections = (
        Section(prose(90), ("Guide", "Begin")),
        Section(prose(60, 3), ("Guide", "Go on")),
        Section(prose(20, 5), ("Guide", "Go on", "End")),
    )
    [chunk] = chunker.chunks(Parsed("Guide", sections))
    assert lengths(tokenizer, [chunk])[0] > 190
    assert chunk.heading == ("Guide",)
    assert chunk.text == f"Begin\n\n{prose(90)}\n\nGo on\n\n{prose(60, 3)}\n\nEnd\n\n{prose(20, 5)}"


def test_a_long_section_is_cut_at_its_sentences(chunker: StructuredChunker, tokenizer: Tokenizer) -> None:
    text = prose(2_000)
    chunks = chunker.chunks(Parsed("Guide", (Section(text, ("Guide", "Part"), "p. 4"),)))
    assert [each.ordinal for each in chunks] == list(range(len(chunks)))
    assert {(each.title, each.heading, each.locator) for each in chunks} == {("Guide", ("Guide", "Part"), "p. 4")}
    assert all(each.text.endswith(".") for each in chunks)
    assert max(lengths(tokenizer, chunks)) <= 240
    assert min(lengths(tokenizer, chunks)[:-1]) >= 150
    assert " ".join(each.text for each in chunks) == text


def test_tiny_neighbours_below_one_heading_become_one_passage(chunker: StructuredChunker) -> None:
    long = Section(prose(400), ("Other",))
    tiny = tuple(Section(f"Answer {number}.", ("Questions", f"Question {number}")) for number in range(3))
    chunks = chunker.chunks(Parsed("Guide", (*tiny, long)))
    assert chunks[0].text == "\n\n".join(f"Question {number}\n\nAnswer {number}." for number in range(3))
    assert chunks[0].heading == ("Questions",)
    assert all(each.heading == ("Other",) for each in chunks[1:])


def test_sections_of_some_length_stay_apart(chunker: StructuredChunker) -> None:
    sections = tuple(Section(prose(80, number), ("Guide", f"Part {number}")) for number in range(5))
    assert [each.heading[-1] for each in chunker.chunks(Parsed("Guide", sections))] == [f"Part {n}" for n in range(5)]


def test_sheets_are_never_mixed_and_pages_say_which_they_are(chunker: StructuredChunker) -> None:
    sheets = tuple(Section("a: 1", (), f"sheet {name}") for name in "AB")
    assert [each.locator for each in chunker.chunks(Parsed("Prices", sheets))] == ["sheet A", "sheet B"]
    pages = tuple(Section("A few words.", (), f"p. {number}") for number in (3, 4))
    assert [each.locator for each in chunker.chunks(Parsed("Guide", pages))] == ["p. 3–4"]


def test_rows_of_a_table_stay_in_one_piece(chunker: StructuredChunker) -> None:
    rows = [f"name: part {number}; price: {number}.50 EUR; stock: {number * 3}" for number in range(200)]
    chunks = chunker.chunks(Parsed("Prices", (Section("\n".join(rows)),)))
    assert [line for each in chunks for line in each.text.split("\n")] == rows


def test_endless_titles_leave_room_for_the_text(chunker: StructuredChunker, tokenizer: Tokenizer) -> None:
    heading = tuple(f"{prose(40, number)}" for number in range(6))
    chunks = chunker.chunks(Parsed(prose(200), (Section(prose(900), heading),)))
    assert max(lengths(tokenizer, chunks)) <= WINDOW
    assert len(chunks) < 16
    assert chunks[0].heading[-1].startswith(heading[-1][:15])


def test_a_word_without_end_is_cut_too(chunker: StructuredChunker, tokenizer: Tokenizer) -> None:
    chunks = chunker.chunks(Parsed("T", (Section("x" * 50_000),)))
    assert "".join(each.text for each in chunks) == "x" * 50_000
    assert max(len(each.text) for each in chunks) < 2_100
    assert max(lengths(tokenizer, chunks)) <= WINDOW


def test_more_passages_than_allowed_are_refused(encoder_folder: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        StructuredChunker(encoder_folder, most=3).chunks(Parsed("T", (Section(prose(2_000)),)))
    assert caught.value.code == "too_large"


def test_without_an_encoder_tokens_are_guessed_near_enough(tokenizer: Tokenizer, tmp_path: Path) -> None:
    for folder in (None, tmp_path / "not there yet"):
        chunks = StructuredChunker(folder).chunks(Parsed("Guide", (Section(prose(2_000), ("Part",)),)))
        assert " ".join(each.text for each in chunks) == prose(2_000)
        assert 100 < max(lengths(tokenizer, chunks)) <= WINDOW


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
SENTENCES = st.lists(
    st.sampled_from([*WORDS, "\n\n", ".", "- a", "日本語のテキスト", "x" * 150, "$$%&/()"]), max_size=400
)
HEADINGS = st.lists(st.sampled_from(["A", "B", "C", prose(30)]), max_size=4).map(tuple)
PLACES = st.sampled_from(["", "p. 1", "p. 2", "sheet A"])
SECTIONS = st.builds(Section, st.one_of(TEXTS, SENTENCES.map(" ".join)), HEADINGS, PLACES)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TEXTS.map(lambda text: text[:100]), sections=st.lists(SECTIONS, max_size=8))
def test_no_word_is_lost_the_order_is_kept_and_nothing_is_too_long(
    chunker: StructuredChunker, tokenizer: Tokenizer, title: str, sections: list[Section]
) -> None:
    parsed = Parsed(title, tuple(sections))
    chunks = chunker.chunks(parsed)
    assert chunks == chunker.chunks(parsed)
    assert [each.ordinal for each in chunks] == list(range(len(chunks)))
    assert all(each.text.strip() for each in chunks)
    assert all(length <= WINDOW for length in lengths(tokenizer, chunks))
    joined, at = "".join(letters(each.text) for each in chunks), 0
    for section in sections:
        # Headings may stand in between where sections became one.
        text = letters(section.text)
        found = joined.find(text, at)
        assert found >= 0
        at = found + len(text)


@pytest.mark.parametrize("columns", [2, 7, 14])
def test_rows_of_a_long_table_stay_whole_and_fit_the_window(
    chunker: StructuredChunker, tokenizer: Tokenizer, columns: int
) -> None:
    rows = [
        "; ".join(f"{WORDS[at % 10]} {at}: {WORDS[(at * number) % 10]} {number * 37 % 9_001}" for at in range(columns))
        for number in range(1_500)
    ]
    chunks = chunker.chunks(Parsed("Readers", (Section("\n".join(rows), ("Stock",), "sheet A", PassageKind.ROWS),)))
    assert [row for each in chunks for row in each.text.split("\n")] == rows
    assert {each.kind for each in chunks} == {PassageKind.ROWS}
    assert max(lengths(tokenizer, chunks)) <= WINDOW
    assert len(chunks) < len(rows)


def test_rows_are_limited_apart_from_other_passages() -> None:
    table = Section("\n".join(f"name: {'x y z ' * 90} {number}" for number in range(12)), kind=PassageKind.ROWS)
    text = Section(prose(2_000))
    small = StructuredChunker(most=50, most_rows=11)
    with pytest.raises(Unreadable, match="more than 11 passages"):
        small.chunks(Parsed("", (table,)))
    with pytest.raises(Unreadable, match="more than 3 passages"):
        StructuredChunker(most=3, most_rows=12).chunks(Parsed("", (table, text)))
    assert len(StructuredChunker(most=50, most_rows=12).chunks(Parsed("", (table, text)))) > 12
