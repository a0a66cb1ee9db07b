"""PDFs whose skeleton is broken, endless or locked."""

import random
import zlib

from .case import REFUSED, Target, adversarial_file
from .packing import one_page, pdf, shown, stream

CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>"


@adversarial_file("pdf", refused={"too_large"})
def ten_thousand_pages(_: Target) -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 10_003))
    return pdf(CATALOG, b"<</Type/Pages/Kids[%b]/Count 10000>>" % kids, *[PAGE] * 10_000)


@adversarial_file("pdf", refused=REFUSED)
def pages_that_count_themselves_to_two_billion(_: Target) -> bytes:
    return pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 2147483647>>", PAGE)


@adversarial_file("pdf", refused=REFUSED)
def page_tree_that_bites_its_tail(_: Target) -> bytes:
    return pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R 3 0 R]/Count 99>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99>>")


@adversarial_file("pdf", refused=REFUSED)
def page_tree_a_thousand_deep(_: Target) -> bytes:
    nodes = [b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 1) for number in range(2, 5_000)]
    return pdf(CATALOG, *nodes, PAGE)


@adversarial_file("pdf", read=True, refused=REFUSED)
def content_that_unpacks_to_a_hundred_megabytes(_: Target) -> bytes:
    packer = zlib.compressobj(9)
    content = b"".join([packer.compress(shown()), *(packer.compress(b" " * (1 << 20)) for _ in range(100))])
    content += packer.flush()
    return _with_content(stream(content, b"/Filter/FlateDecode"))


@adversarial_file("pdf", read=True, refused=REFUSED)
def content_packed_three_times(_: Target) -> bytes:
    content = zlib.compress(zlib.compress(zlib.compress(shown() + b" " * 50_000_000, 9), 9), 9)
    return _with_content(stream(content, b"/Filter[/FlateDecode/FlateDecode/FlateDecode]"))


@adversarial_file("pdf", refused=REFUSED)
def object_stream_that_says_it_holds_a_billion(_: Target) -> bytes:
    packed = zlib.compress(b"1 0 " * 100_000)
    more = b"/Type/ObjStm/N 1000000000/First 10/Filter/FlateDecode/Extends 1 0 R"
    return pdf(stream(packed, more), root=1)


@adversarial_file("pdf", refused={"encrypted"})
def pdf_behind_a_password(_: Target) -> bytes:
    keys = random.Random(1)
    owner, user = keys.randbytes(32).hex(), keys.randbytes(32).hex()
    lock = f"/Encrypt<</Filter/Standard/V 1/R 2/O<{owner}>/U<{user}>/P -4>>/ID[<00><00>]".encode()
    return pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", PAGE, trailer=lock)


@adversarial_file("pdf", refused=REFUSED)
def truncated_pdf(_: Target) -> bytes:
    data = one_page(shown() * 400)
    return data[:300]


@adversarial_file("pdf", refused={"broken"})
def header_and_rubbish(_: Target) -> bytes:
    return b"%PDF-1.7\n" + random.Random(2).randbytes(50_000)


@adversarial_file("pdf", refused={"wrong_kind"})
def rubbish_called_pdf(_: Target) -> bytes:
    return random.Random(3).randbytes(50_000)


@adversarial_file("pdf", read=True, refused=REFUSED)
def table_of_objects_that_follows_itself(_: Target) -> bytes:
    data = one_page(shown())
    at = data.rindex(b"xref\n0")
    return data.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % at)


@adversarial_file("pdf", read=True)
def no_table_of_objects(_: Target) -> bytes:
    data = one_page(shown())
    return data[: data.rindex(b"xref\n0")] + b"trailer<</Root 1 0 R>>"


@adversarial_file("pdf", refused=REFUSED)
def brackets_a_hundred_thousand_deep(_: Target) -> bytes:
    return pdf(CATALOG, b"[" * 100_000 + b"]" * 100_000, b"<<" * 100_000)


@adversarial_file("pdf", read=True, refused={"broken"})
def page_behind_a_web_page(_: Target) -> bytes:
    return b"<html><script>alert(1)</script>\n" + one_page(shown())


def _with_content(content: bytes) -> bytes:
    return pdf(
        CATALOG,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        content,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
