"""Writes small PDFs: text at places, lines, Helvetica in the Windows-1252 encoding."""

from collections.abc import Sequence
from textwrap import wrap

from benchmarks.probes.model import File

WIDTH, HEIGHT = 595, 842
LINE_CHARACTERS, LEADING = 88, 15


class Pdf:
    """A document, page by page."""

    def __init__(self) -> None:
        self._pages: list[list[str]] = []

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

    def file(self, name: str) -> File:
        """Return the document."""
        count = len(self._pages)
        kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Count {count} /Kids [{kids}] >>".encode(),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        ]
        for number, content in enumerate(self._pages):
            stream = "\n".join(content).encode("cp1252", "replace")
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {5 + 2 * number} 0 R"
                " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
            )
            objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
        for number, each in enumerate(objects, 1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
        begin = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, begin)
        return File(f"{name}.pdf", bytes(out))
