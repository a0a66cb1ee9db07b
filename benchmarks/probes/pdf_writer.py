"""Writes small PDFs: text at places, lines, forms, fields, Helvetica in the Windows-1252 encoding."""

from collections.abc import Sequence
from textwrap import wrap

from benchmarks.probes.model import File

WIDTH, HEIGHT = 595, 842
LINE_CHARACTERS, LEADING = 88, 15
FONTS = "<< /Font << /F1 3 0 R >> >>"


class Pdf:
    """A document, page by page."""

    def __init__(self) -> None:
        self._pages: list[list[str]] = []
        self._forms: list[str] = []
        self._fields: list[tuple[int, tuple[float, float, float, float], str, str]] = []

    def page(self) -> None:
        """Begin a page."""
        self._pages.append([])

    def text(self, x: float, y: float, text: str, size: float = 11) -> None:
        """Write a line; y counts from the page's bottom."""
        shown = text.translate({ord(each): f"\\{each}" for each in "\\()"})
        self._pages[-1].append(f"BT /F1 {size} Tf {x} {y} Td ({shown}) Tj ET")

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """Draw a line."""
        self._pages[-1].append(f"0.6 w {x1} {y1} m {x2} {y2} l S")

    def flow(self, x: float, y: float, texts: Sequence[str]) -> None:
        """Write paragraphs one below the other, on further pages where they need them."""
        for paragraph in texts:
            for line in wrap(paragraph, LINE_CHARACTERS):
                if y < 60:
                    self.page()
                    y = HEIGHT - 60
                self.text(x, y, line)
                y -= LEADING
            y -= LEADING

    def spaced(self, x: float, y: float, text: str, space: float, size: float = 11) -> None:
        """Write a line with more space between its letters."""
        self._pages[-1].append(f"{space} Tc")
        self.text(x, y, text, size)
        self._pages[-1].append("0 Tc")

    def scaled(self, scale: float, x: float, y: float, lines: Sequence[str]) -> None:
        """Place a form object: a page of its own, smaller, as prints of several pages on a sheet have them."""
        shown = [line.translate({ord(each): f"\\{each}" for each in "\\()"}) for line in lines]
        texts = [f"BT /F1 12 Tf 60 {780 - 22 * place} Td ({line}) Tj ET" for place, line in enumerate(shown)]
        self._pages[-1].append(f"q {scale} 0 0 {scale} {x} {y} cm /X{len(self._forms)} Do Q")
        self._forms.append("\n".join(texts))

    def field(self, x: float, y: float, name: str, value: str) -> None:
        """Place a field of a form that somebody filled in."""
        self._fields.append((len(self._pages) - 1, (x, y, x + 200, y + 18), name, value))

    def file(self, name: str) -> File:
        """Return the document."""
        return File(f"{name}.pdf", _document(self._objects()))

    def _objects(self) -> list[bytes]:
        count, forms, fields = len(self._pages), len(self._forms), len(self._fields)
        first_form, first_field = 4, 4 + forms
        first_page = first_field + fields
        kids = " ".join(f"{first_page + 2 * number} 0 R" for number in range(count))
        filled = " ".join(f"{first_field + number} 0 R" for number in range(fields))
        acro = f" /AcroForm << /Fields [{filled}] /DR {FONTS} /DA (/F1 10 Tf 0 g) >>" if fields else ""
        objects = [
            f"<< /Type /Catalog /Pages 2 0 R{acro} >>".encode(),
            f"<< /Type /Pages /Count {count} /Kids [{kids}] >>".encode(),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        ]
        box = f"/BBox [0 0 {WIDTH} {HEIGHT}] /Resources {FONTS}"
        objects += [_stream(each, f"/Type /XObject /Subtype /Form {box}") for each in self._forms]
        for page, place, name, value in self._fields:
            rectangle = " ".join(map(str, place))
            objects.append(
                f"<< /Type /Annot /Subtype /Widget /FT /Tx /T ({name}) /V ({value}) /Rect [{rectangle}] /F 4"
                f" /DA (/F1 10 Tf 0 g) /P {first_page + 2 * page} 0 R >>".encode("cp1252", "replace")
            )
        used = " ".join(f"/X{number} {first_form + number} 0 R" for number in range(forms))
        for number, content in enumerate(self._pages):
            there = [place for place, field in enumerate(self._fields) if field[0] == number]
            widgets = " ".join(f"{first_field + place} 0 R" for place in there)
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Annots [{widgets}]"
                f" /Contents {first_page + 2 * number + 1} 0 R"
                f" /Resources << /Font << /F1 3 0 R >> /XObject << {used} >> >> >>".encode()
            )
            objects.append(_stream("\n".join(content)))
        return objects


def _stream(content: str, entries: str = "") -> bytes:
    data = content.encode("cp1252", "replace")
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries.encode(), len(data), data)


def _document(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    begin = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, begin)
    return bytes(out)
