"""The encoding that a web page declares."""

import re

ENCODINGS = frozenset({
    "utf-8", "us-ascii", "big5", "euc-jp", "euc-kr", "gb2312", "gb18030", "gbk", "koi8-r", "koi8-u", "macintosh",
    "shift_jis", "windows-874",
    *(f"iso-8859-{part}" for part in (*range(1, 12), *range(13, 17))),
    *(f"windows-{page}" for page in range(1250, 1259)),
})  # fmt: skip
"""Encodings that a page may declare; others, UTF-7 among them, have hidden scripts before."""
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{1,30})", re.IGNORECASE)


def declared(data: bytes) -> str | None:
    """Return the encoding that a page declares; None where it declares none, or one that pages don't have."""
    found = _CHARSET.search(data[:2048])
    name = found[1].decode("ascii").lower() if found else ""
    return name if name in ENCODINGS else None
