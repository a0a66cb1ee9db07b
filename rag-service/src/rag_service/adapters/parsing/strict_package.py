"""Office files of the kind "Strict Open XML": the same parts below other names, which no library here knows."""

import re
import zipfile
from io import BytesIO

from rag_service.adapters.parsing.archive import READ_BYTES

STRICT = b"http://purl.oclc.org/ooxml/"
_NAMESPACE = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_XML = (".xml", ".rels")


def transitional(data: bytes, packed: zipfile.ZipFile) -> bytes:
    """Return a checked package with the usual names; one that has them already as it is."""
    with packed.open("_rels/.rels") if "_rels/.rels" in packed.namelist() else BytesIO() as file:
        relations = file.read(READ_BYTES)
    if STRICT not in relations:
        return data
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as rewritten:
        for part in packed.infolist():
            content = packed.read(part)
            if part.filename.lower().endswith(_XML):
                content = _NAMESPACE.sub(rb"http://schemas.openxmlformats.org/\1/2006/", content)
            rewritten.writestr(part.filename, content)
    return out.getvalue()
