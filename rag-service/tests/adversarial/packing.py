"""Small honest documents, to be spoilt in one point."""

import io
import zipfile

from .case import SEEN

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
Parts = dict[str, bytes | str]


def packed(parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a packed file of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def word(body: str = "", *, document: bytes | str = "", main: str = MAIN, relations: str = "") -> Parts:
    """Return the parts of a Word document."""
    text = f"<w:document {W}><w:body><w:p><w:r><w:t>{SEEN}</w:t></w:r></w:p>{body}</w:body></w:document>"
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        f'"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
        f'"application/xml"/><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type='
        f'"{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        "word/document.xml": document or text,
    }


def workbook(rows: str = "", *, dimension: str = "", strings: str = "", sheets: str = "", more: str = "") -> Parts:
    """Return the parts of a workbook with one sheet."""
    first = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{SEEN}</t></is></c></row>'
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        f'"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
        f'"application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type='
        f'"{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {SHEET} xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="Prices" sheetId="1" r:id="rId1"/>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type='
        f'"{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{OFFICE}/sharedStrings" '
        f'Target="sharedStrings.xml"/>{more}</Relationships>',
        "xl/sharedStrings.xml": strings or f"<sst {SHEET}><si><t>one</t></si></sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {SHEET}>{dimension}<sheetData>{first}{rows}</sheetData></worksheet>",
    }


def pdf(*objects: bytes, root: int = 1, trailer: bytes = b"") -> bytes:
    """Return a PDF of these objects, numbered from 1."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root %d 0 R%b>>\n" % (len(objects) + 1, root, trailer)
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % start


def stream(content: bytes, more: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(content), more, content)


def shown(text: str = SEEN, *, size: float = 12, x: int = 72, y: int = 700, before: str = "") -> bytes:
    """Return what draws a line of text."""
    return f"BT /F1 {size} Tf {before} {x} {y} Td ({text}) Tj ET\n".encode()


def one_page(content: bytes, *, page: bytes = b"", catalog: bytes = b"", more: tuple[bytes, ...] = ()) -> bytes:
    """Return a PDF of one page; objects from 6 on are `more`."""
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R%b>>" % catalog,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>%b>>>>" % page,
        stream(content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *more,
    )
