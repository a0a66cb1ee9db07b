"""Packed files whose parts want to lie elsewhere, and what else may lie in them."""

import stat
import zipfile
from io import BytesIO

from .case import REFUSED, SEEN, UNSEEN, Target, adversarial_file
from .packing import MACROS, OFFICE, packed, word

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@adversarial_file("word", refused={"broken"})
def name_that_climbs(_: Target) -> bytes:
    return packed({**word(), "../../../../tmp/climbed": UNSEEN})


@adversarial_file("word", refused={"broken"})
def name_that_climbs_the_other_way(_: Target) -> bytes:
    return packed({**word(), "word\\..\\..\\climbed": UNSEEN})


@adversarial_file("word", refused={"broken"})
def name_from_the_root(_: Target) -> bytes:
    return packed({**word(), "/tmp/rooted": UNSEEN})


@adversarial_file("excel", refused={"broken"})
def name_with_a_drive(_: Target) -> bytes:
    return packed({**word(), "C:\\rooted": UNSEEN})


@adversarial_file("word", refused={"broken"})
def link_to_a_file_outside(target: Target) -> bytes:
    out = BytesIO(packed(word()))
    with zipfile.ZipFile(out, "a") as file:
        link = zipfile.ZipInfo("word/media/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, target.file)
    return out.getvalue()


@adversarial_file("word", refused={"broken"})
def two_parts_of_one_name(_: Target) -> bytes:
    # Two programs that look at it see two documents.
    return packed({**word(), "word/documenT.xml": word(UNSEEN)["word/document.xml"]}).replace(
        b"word/documenT.xml", b"word/document.xml"
    )


@adversarial_file("word", refused={"wrong_kind"})
def macros_under_a_plain_name(_: Target) -> bytes:
    return packed({**word(main=MACROS), "word/vbaProject.bin": OLE + b"Sub AutoOpen()"})


@adversarial_file("word", read=True)
def macros_in_a_plain_document(_: Target) -> bytes:
    relation = '<Relationship Id="rId9" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" '
    parts = word(relations=f'{relation}Target="vbaProject.bin"/>')
    return packed({**parts, "word/vbaProject.bin": OLE + UNSEEN.encode()})


@adversarial_file("word", read=True)
def template_from_elsewhere(target: Target) -> bytes:
    kinds = ("attachedTemplate", "image", "aFChunk", "oleObject", "footnotes", "frame")
    xml = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target.url}/{kind}" TargetMode="External"/>'
        for number, kind in enumerate(kinds, 10)
    )
    return packed(word(relations=xml))


@adversarial_file("word", refused={"broken"})
def part_that_is_not_there(_: Target) -> bytes:
    parts = word()
    del parts["word/document.xml"]
    return packed({**parts, "word/other.xml": "<a/>"})


@adversarial_file("word", refused={"wrong_kind"})
def old_word_document(_: Target) -> bytes:
    return OLE + bytes(4_096) + SEEN.encode()


@adversarial_file("word", refused={"encrypted"})
def word_behind_a_password(_: Target) -> bytes:
    return OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(4_096)


@adversarial_file("excel", refused={"encrypted"})
def workbook_behind_a_password(_: Target) -> bytes:
    return word_behind_a_password(_)


@adversarial_file("excel", refused=REFUSED)
def old_workbook_of_rubbish(_: Target) -> bytes:
    return OLE + bytes(range(256)) * 64
