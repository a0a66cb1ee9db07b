"""PDFs that are drawn by hand, object by object, so that tests decide how each letter comes onto the page."""

from dataclasses import dataclass, field

from ...adversarial.packing import pdf, stream

WIDTH, HEIGHT = 612, 792
CATALOG, PAGES = 1, 2
PICTURE = stream(b"\x80" * 64, b"/Type/XObject/Subtype/Image/Width 8/Height 8/ColorSpace/DeviceGray/BitsPerComponent 8")


@dataclass
class _Sheet:
    content: bytes = b""
    annotations: list[int] = field(default_factory=list)
    more: bytes = b""


class Drawn:
    """A PDF; coordinates count in points from a page's lower left corner."""

    def __init__(self) -> None:
        self._objects: dict[int, bytes] = {}
        self._fonts: dict[str, int] = {}
        self._drawings: dict[str, int] = {}
        self._sheets: list[_Sheet] = []
        self._fields: list[int] = []
        self._catalog = b""
        self.font("F1", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
        self.font("Bold", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>")

    def page(self, more: bytes = b"") -> "Drawn":
        """Begin a page; `more`: further entries of its dictionary."""
        self._sheets.append(_Sheet(more=more))
        return self

    def text(self, x: float, y: float, text: str, size: float = 10, font: str = "F1", before: str = "") -> "Drawn":
        """Write a text, after `before` has set its colour or spaces."""
        coded = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        place = f"/{font} {size:g} Tf {x:g} {y:g} Td (".encode()
        return self.raw(b"q BT " + before.encode() + b" " + place + coded + b") Tj ET Q\n")

    def lines(self, x: float, y: float, *texts: str, step: float = 14, size: float = 10) -> "Drawn":
        """Write lines, one below the other."""
        for number, text in enumerate(texts):
            self.text(x, y - number * step, text, size)
        return self

    def rule(self, x: float, y: float, to_x: float, to_y: float) -> "Drawn":
        """Draw a line."""
        return self.raw(f"{x:g} {y:g} m {to_x:g} {to_y:g} l S\n".encode())

    def area(self, x: float, y: float, width: float, height: float, colour: str = "0 0.2 0.5") -> "Drawn":
        """Fill a rectangle."""
        return self.raw(f"q {colour} rg {x:g} {y:g} {width:g} {height:g} re f Q\n".encode())

    def picture(self, x: float = 0, y: float = 0, width: float = WIDTH, height: float = HEIGHT) -> "Drawn":
        """Draw a picture, as large as the page if not told otherwise."""
        self._drawings.setdefault("Picture", self._new(PICTURE))
        return self.raw(f"q {width:g} 0 0 {height:g} {x:g} {y:g} cm /Picture Do Q\n".encode())

    def drawing(self, name: str, content: bytes, more: bytes = b"/BBox[0 0 900 900]") -> "Drawn":
        """Make a form object that `raw` may draw by `/name Do`."""
        fonts = b"".join(b"/%b %d 0 R" % (each.encode(), at) for each, at in self._fonts.items())
        entries = b"/Type/XObject/Subtype/Form%b/Resources<</Font<<%b>>>>" % (more, fonts)
        self._drawings[name] = self._new(stream(content, entries))
        return self

    def raw(self, content: bytes) -> "Drawn":
        """Add to the page's content."""
        self._sheets[-1].content += content
        return self

    def font(self, name: str, entries: bytes) -> "Drawn":
        """Add a font."""
        self._fonts[name] = self._new(entries)
        return self

    def field(self, name: str, box: tuple[float, float, float, float], entries: str) -> "Drawn":
        """Add a field of a form: `/FT/Tx/V(value)`."""
        rectangle = " ".join(f"{edge:g}" for edge in box)
        made = f"<</Type/Annot/Subtype/Widget/T({name})/Rect[{rectangle}]/F 4{entries}>>"
        self._fields.append(self._new(made.encode("cp1252")))
        self._sheets[-1].annotations.append(self._fields[-1])
        return self

    def note(self, entries: str) -> "Drawn":
        """Add an annotation."""
        self._sheets[-1].annotations.append(self._new(f"<</Type/Annot{entries}>>".encode("cp1252")))
        return self

    def catalog(self, entries: bytes) -> "Drawn":
        """Add entries to the document's catalog."""
        self._catalog += entries
        return self

    def bytes(self) -> bytes:
        """Return the file."""
        fonts = b"".join(b"/%b %d 0 R" % (name.encode(), at) for name, at in self._fonts.items())
        drawings = b"".join(b"/%b %d 0 R" % (name.encode(), at) for name, at in self._drawings.items())
        kids = []
        for sheet in self._sheets:
            content = self._new(stream(sheet.content))
            notes = b"/Annots[%b]" % b" ".join(b"%d 0 R" % at for at in sheet.annotations) if sheet.annotations else b""
            size = b"" if b"/MediaBox" in sheet.more else b"/MediaBox[0 0 %d %d]" % (WIDTH, HEIGHT)
            parts = (size, content, fonts, drawings, notes + sheet.more)
            page = b"<</Type/Page/Parent 2 0 R%b/Contents %d 0 R/Resources<</Font<<%b>>/XObject<<%b>>>>%b>>" % parts
            kids.append(b"%d 0 R" % self._new(page))
        form = b"/AcroForm<</Fields[%b]/DA(/F1 10 Tf)>>" % b" ".join(b"%d 0 R" % at for at in self._fields)
        self._objects[CATALOG] = b"<</Type/Catalog/Pages 2 0 R%b%b>>" % (form if self._fields else b"", self._catalog)
        self._objects[PAGES] = b"<</Type/Pages/Kids[%b]/Count %d>>" % (b" ".join(kids), len(kids))
        return pdf(*(self._objects[number] for number in range(1, len(self._objects) + 1)))

    def _new(self, entries: bytes) -> int:
        number = max((*self._objects, PAGES)) + 1
        self._objects[number] = entries
        return number
