"""Text of any encoding is accepted, and a refused file says what to do."""

from io import BytesIO

import pytest
from ticket_service.domain.contents import detect_format
from ticket_service.domain.files import BadFile

from ..packages import compound, office

TEXTS = {
    "Заявка на пропуск до 15 мая.": ("cp1251", "cp866", "koi8_r", "iso8859_5", "mac_cyrillic", "utf-32", "utf-32-be"),
    "Wniosek o urlop składa się do piątku, żółw.": ("cp1250", "iso8859_2", "cp852"),
    "Straße für Gäste, geöffnet": ("cp1252", "mac_roman", "cp850"),
    "入館カードは受付で発行されます。": ("cp932", "euc_jp", "iso2022_jp", "utf-16"),
    "门禁卡在前台领取。": ("gb18030", "gbk"),
    "門禁卡在前台領取。": ("big5",),
    "출입카드는 안내 데스크에서 발급합니다.": ("cp949",),
}


def reason(content: bytes, name: str) -> str:
    try:
        detect_format(BytesIO(content), name, None)
    except BadFile as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(("text", "code"), [(text, code) for text, codes in TEXTS.items() for code in codes])
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.md"])
def test_text_is_accepted_in_the_encodings_that_programs_write(text: str, code: str, name: str) -> None:
    marked = b"\x00\x00\xfe\xff" if code == "utf-32-be" else b""
    assert reason(marked + (text * 40_00).encode(code), name) == ""


def test_an_escape_may_span_two_chunks() -> None:
    japanese = "入館".encode("iso2022_jp")
    for size in range(64 * 1024 - 4, 64 * 1024 + 2):
        assert reason(b"x" * size + japanese, "a.txt") == ""
        assert reason(b"x" * size + b"\xe9\x1b[2J", "a.txt")


def test_bytes_that_are_no_text_say_how_text_is_accepted() -> None:
    assert "save it as UTF-8" in reason(bytes(range(256)) * 20, "a.txt")


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.docx"])
def test_an_encrypted_document_says_that_it_has_a_password(name: str) -> None:
    assert "password" in reason(compound("EncryptionInfo", "EncryptedPackage"), name)


def test_an_older_format_under_a_newer_name_says_how_to_save_it() -> None:
    assert "save it as docx" in reason(compound("WordDocument"), "a.docx")
    assert "name it .xls" in reason(compound("Workbook"), "a.xlsx")


@pytest.mark.parametrize(("kind", "name", "program"), [("word", "a.docx", "Word"), ("excel", "a.xlsx", "Excel")])
def test_a_document_that_breaks_off_is_called_damaged(kind: str, name: str, program: str) -> None:
    whole = office(kind)
    assert f"open it in {program}" in reason(whole[: len(whole) // 2], name)
    assert reason(whole, name) == ""
