"""A file's format is detected by its content: other content fails, and broken content is refused without an error."""

import time
import zipfile
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from ticket_service.domain.contents import detect_format
from ticket_service.domain.contents.detect import PDF, WHITESPACE
from ticket_service.domain.contents.office import END
from ticket_service.domain.files import FORMATS, BadFile

from ..packages import MAIN, compound, office, types

BINARY = ("pdf", "docx", "xlsx", "xls")
SAMPLES = {
    "pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n%%EOF",
    "docx": office("word"),
    "xlsx": office("excel"),
    "xls": compound("Workbook"),
    "html": b"<p>hello</p>",
    "csv": b"a,b\n",
}

GARBAGE = st.binary(max_size=2_000).filter(lambda content: not content.lstrip(WHITESPACE).startswith(PDF))


def accepted(content: bytes, name: str) -> bool:
    try:
        detect_format(BytesIO(content), name, None)
    except BadFile:
        return False
    return True


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_sample_passes_by_its_own_name_and_a_binary_one_by_no_other(kind: str) -> None:
    passing = {extension_of for extension_of in FORMATS if accepted(SAMPLES[kind], f"a.{extension_of}")}
    assert kind in passing
    if kind in BINARY:
        assert passing == {kind}


@given(
    st.binary(max_size=2_000).filter(lambda content: not content.lstrip(WHITESPACE).startswith(PDF)),
    st.sampled_from(BINARY),
)
@example(b"%PDF-x.4", "pdf")
@example(b"junk %PDF-1.4", "pdf")
def test_renamed_garbage_never_passes(content: bytes, kind: str) -> None:
    assert not accepted(content, f"a.{kind}")


@given(st.binary(min_size=1, max_size=2_000).filter(lambda content: b"\0" in content), st.sampled_from(["txt", "csv"]))
def test_nothing_with_zeros_passes_as_text_but_utf_16(content: bytes, kind: str) -> None:
    assert content[:2] in (b"\xff\xfe", b"\xfe\xff") or not accepted(content, f"a.{kind}")


@settings(max_examples=300)
@given(st.sampled_from(BINARY), st.data())
def test_a_broken_document_is_refused_or_accepted_but_never_an_error(kind: str, data: st.DataObject) -> None:
    content = bytearray(SAMPLES[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    accepted(bytes(content[: data.draw(st.integers(0, len(content)))]), f"a.{kind}")
    accepted(bytes(content), f"a.{kind}")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).map(lambda text: "x" + text))
def test_text_passes_in_every_encoding_it_may_have(text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert accepted(text.encode(encoding), "a.txt"), encoding


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65])
def test_a_character_may_span_two_chunks(size: int) -> None:
    assert accepted(b"x" * (64 * 1024 - size) + "\u00f6".encode() * 100, "a.txt")
    assert not accepted(b"x" * (64 * 1024 - size) + b"\x01", "a.txt")


def test_a_table_of_contents_that_grows_or_reads_files_is_refused() -> None:
    laughing = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Types>&b;</Types>'
    reading = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><Types/>'
    bomb = "<Types>" + " " * 50_000_000 + "</Types>"
    for contents in (laughing, reading, bomb, "<Types", ""):
        assert not accepted(office("word", contents=contents), "a.docx")


def test_the_main_part_may_be_declared_by_extension_or_in_capitals() -> None:
    main = MAIN["word"][1]
    for contents, fits in (
        (f'<Types><Default Extension="xml" ContentType="{main}"/></Types>', True),
        (types("Word/Document.XML", main), True),
        (types("word/another.xml", main), False),
        (f'<Types><Default Extension="xml" ContentType="{MAIN["excel"][1]}"/></Types>', False),
        (types("word/document.xml", main).replace("</Types>", "") + types("xl/x.xml", MAIN["excel"][1]), False),
    ):
        assert accepted(office("word", contents=contents), "a.docx") is fits, contents


def test_documents_written_by_libraries_are_accepted() -> None:
    target = BytesIO()
    Workbook().save(target)
    assert accepted(target.getvalue(), "a.xlsx")
    assert not accepted(target.getvalue(), "a.docx")


def test_an_archive_of_very_many_entries_is_refused_without_reading_them() -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for number in range(20_000):
            package.writestr(f"{number}", b"")
    began = time.process_time()
    assert not accepted(target.getvalue(), "a.docx")
    assert time.process_time() - began < 1


def test_data_before_or_behind_an_archive_is_refused() -> None:
    document = office("word")
    assert not accepted(b"MZ" + document, "a.docx")
    assert not accepted(document + b"behind", "a.docx")
    assert not accepted(document.replace(END, b"between" + END), "a.docx")


def test_a_cyclic_compound_file_is_refused_in_finite_time() -> None:
    circling = bytearray(compound("Workbook"))
    circling[512 + 4 : 512 + 8] = (1).to_bytes(4, "little")
    assert not accepted(bytes(circling), "a.xls")


def test_a_long_prologue_takes_no_time() -> None:
    began = time.process_time()
    assert accepted(b"<!---->" * 3_000_000, "a.html")
    assert time.process_time() - began < 3
