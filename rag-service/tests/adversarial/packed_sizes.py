"""Packed files that unpack to more than they are, or to something else than they say."""

import io
import struct
import zipfile

from .case import REFUSED, Target, adversarial_file
from .packing import packed, pdf, word, workbook

MB = b" " * (1 << 20)


@adversarial_file("word", refused={"too_large"})
def flat_bomb_in_word(_: Target) -> bytes:
    return packed({**word(), "word/media/image1.xml": MB * 30})


@adversarial_file("excel", refused={"too_large"})
def flat_bomb_in_the_strings_of_a_workbook(_: Target) -> bytes:
    return packed(workbook(strings="<sst>" + "<si><t> </t></si>" * 1_000_000 + "</sst>"))


@adversarial_file("word", refused={"too_large"})
def many_small_bombs(_: Target) -> bytes:
    return packed({**word(), **{f"word/media/{number}": MB for number in range(220)}})


@adversarial_file("word", read=True)
def bomb_within_a_bomb(_: Target) -> bytes:
    inner = packed({"bomb": MB * 20})
    for level in range(20):
        inner = packed({f"{level}.zip": inner})
    return packed({**word(), "word/embeddings/inner.zip": inner})


@adversarial_file("word", refused={"wrong_kind"})
def zip_of_zips_that_is_no_document(_: Target) -> bytes:
    inner = packed({"a": MB})
    return packed({f"{number}.zip": inner for number in range(100)})


@adversarial_file("word", refused={"too_large"})
def five_thousand_parts(_: Target) -> bytes:
    return packed({**word(), **{f"word/{number}.xml": "<a/>" for number in range(5_000)}})


@adversarial_file("word", refused={"broken", "too_large"})
def directory_that_lies_about_sizes(_: Target) -> bytes:
    data = bytearray(packed({**word(), "word/bomb.xml": MB * 10}))
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<L", data, at + 24, 10)
    return bytes(data)


@adversarial_file("word", refused={"broken", "too_large"})
def directory_whose_entries_share_one_part(_: Target) -> bytes:
    data = packed({"bomb": MB * 8})
    entry = data[data.index(b"PK\x01\x02") : data.index(b"PK\x05\x06")]
    front = data[: data.index(b"PK\x01\x02")]
    entries = b"".join(entry.replace(b"bomb", b"b%03d" % number) for number in range(200))
    return front + entries + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 200, 200, len(entries), len(front), 0)


@adversarial_file("word", refused={"broken"})
def damaged_checksum(_: Target) -> bytes:
    data = bytearray(packed(word(), zipfile.ZIP_STORED))
    at = data.index(b"The office")
    data[at : at + 3] = b"Our"
    return bytes(data)


@adversarial_file("word", refused={"broken"})
def packing_that_nobody_knows(_: Target) -> bytes:
    data = bytearray(packed(word()))
    struct.pack_into("<H", data, data.rindex(b"PK\x01\x02") + 10, 99)
    struct.pack_into("<H", data, data.rindex(b"PK\x03\x04") + 8, 99)
    return bytes(data)


@adversarial_file("word", refused={"encrypted"})
def parts_behind_a_password(_: Target) -> bytes:
    data = bytearray(packed(word()))
    struct.pack_into("<H", data, data.rindex(b"PK\x01\x02") + 8, 1)
    return bytes(data)


@adversarial_file("word", refused={"broken"})
def truncated_word(_: Target) -> bytes:
    data = packed(word("<w:p/>" * 500))
    return data[: len(data) // 2]


@adversarial_file("excel", refused={"broken"})
def truncated_workbook(_: Target) -> bytes:
    data = packed(workbook())
    return data[: len(data) // 2]


@adversarial_file("word", refused={"wrong_kind"})
def packed_file_with_nothing_in_it(_: Target) -> bytes:
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").close()
    return out.getvalue()


@adversarial_file("word", refused={"wrong_kind"})
def workbook_called_word(_: Target) -> bytes:
    return packed(workbook())


@adversarial_file("excel", refused={"wrong_kind"})
def word_called_workbook(_: Target) -> bytes:
    return packed(word())


@adversarial_file("pdf", refused=REFUSED)
def pdf_with_a_document_behind_it(_: Target) -> bytes:
    return pdf(b"<</Type/Catalog>>") + packed(word())


@adversarial_file("word", refused={"wrong_kind"})
def document_with_a_pdf_before_it(_: Target) -> bytes:
    return pdf(b"<</Type/Catalog>>") + packed(word())
