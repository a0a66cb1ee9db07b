"""Mails as nobody should write them, with what must be read from each; and a generator of worse ones."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

HEAD = (
    b"From: Ann <ann@customer.example>\r\nTo: desk@company.example\r\nSubject: Printer\r\nMessage-ID: <1@c.example>\r\n"
)


@dataclass(frozen=True)
class Odd:
    """A mail, and what its text, its subject and its sender must be where they are known."""

    name: str
    raw: bytes
    text: str | None = None
    subject: str | None = "Printer"
    sender: str = "ann@customer.example"


def head(**changes: bytes) -> bytes:
    """Return the usual headers with some of them changed."""
    lines = HEAD
    for name, value in changes.items():
        header = name.replace("_", "-").title().replace("Id", "ID").encode()
        kept = [line for line in lines.split(b"\r\n") if not line.lower().startswith(header.lower() + b":")]
        lines = b"\r\n".join([header + b": " + value, *kept])
    return lines


def _nested(depth: int) -> bytes:
    mail = HEAD + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n"
    for level in range(depth):
        mail += b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (level, level + 1)
    return mail + b"--b%d\r\n\r\ndeep inside\r\n" % depth


def _text(charset: bytes, content: bytes, encoding: bytes = b"8bit") -> bytes:
    return HEAD + b"Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: %s\r\n\r\n" % (
        charset, encoding,
    ) + content  # fmt: skip


ODD = [
    Odd("plain", HEAD + b"\r\nIt jams.\r\n", "It jams."),
    Odd("line feeds alone", HEAD.replace(b"\r\n", b"\n") + b"\nIt jams.\n", "It jams."),
    Odd("no body", HEAD + b"\r\n", ""),
    Odd("no body and no blank line", HEAD, ""),
    Odd("no subject", head(subject=b"") + b"\r\nIt jams.", "It jams.", "(no subject)"),
    Odd("unknown charset", _text(b"x-unknown", b"It jams."), "It jams."),
    Odd("charset that is no text", _text(b"zlib", b"It jams."), "It jams."),
    Odd("charset with a harmful name", _text(b"unicode_escape", rb"It\x41"), rb"It\x41".decode()),
    Odd("charset with NUL",
        HEAD + b"Content-Type: text/plain; charset*=utf-8''a%00b\r\n\r\ncaf\xe9", "café"),
    Odd("quoted charset", _text(b'"utf-8', "Größe".encode()), "Größe"),
    Odd("windows-31j", _text(b"windows-31j", "印刷できません".encode("cp932")), "印刷できません"),
    Odd("iso-8859-8-i", _text(b"iso-8859-8-i", "שלום".encode("iso8859_8")), "שלום"),
    Odd("gb2312 with signs of gbk", _text(b"gb2312", "镕基".encode("gb18030")), "镕基"),
    Odd("ks_c_5601-1987", _text(b"ks_c_5601-1987", "똠방각하".encode("cp949")), "똠방각하"),
    Odd("utf-8 that says latin", _text(b"us-ascii", "Größe".encode()), "Größe"),
    Odd("windows-1252 that says latin-1", _text(b"iso-8859-1", b"\x80 5 \x96 10"), "€ 5 – 10"),
    Odd("broken base64", _text(b"utf-8", b"SXQgamFtcy4*=", b"base64"), None),
    Odd("unknown transfer encoding", _text(b"utf-8", b"It jams.", b"x-rot-13"), "It jams."),
    Odd("broken quoted-printable", _text(b"utf-8", b"It=ZZ jams=", b"quoted-printable"), None),
    Odd("uuencode without an end", _text(b"utf-8", b"begin 644 a\nabc", b"x-uuencode"), None),
    Odd("NUL and controls", HEAD + b"\r\nIt\x00 ja\x07ms.", "It jams."),
    Odd("lone surrogate in UTF-8", _text(b"utf-8", b"It \xed\xa0\x80jams."), None),
    Odd("multipart without a boundary", HEAD + b"Content-Type: multipart/mixed\r\n\r\nIt jams.", "It jams."),
    Odd("multipart whose boundary never comes",
        HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\nIt jams.", "It jams."),
    Odd("boundary that never ends",
        HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nIt jams.", "It jams."),
    Odd("leaf that says it is a multipart",
        HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: multipart/alternative\r\n\r\n"
        b"It jams.\r\n--x--", "It jams."),
    Odd("content type without a slash", HEAD + b"Content-Type: text\r\n\r\nIt jams.", "It jams."),
    Odd("content type of signs", HEAD + b"Content-Type: ;;;=\"\r\n\r\nIt jams.", "It jams."),
    Odd("charset parameter twice",
        HEAD + b"Content-Type: text/plain; charset=utf-8; charset=x\r\n\r\nIt jams.", "It jams."),
    Odd("charset in pieces", HEAD + b"Content-Type: text/plain; charset*0=ut; charset*1=f-8\r\n\r\nIt jams.",
        "It jams."),
    Odd("encoded word", head(subject=b"=?utf-8?q?Gr=C3=B6=C3=9Fe?=") + b"\r\nx y", "x y", "Größe"),
    Odd("encoded word of an unknown charset", head(subject=b"=?x-none?q?Gr?=") + b"\r\nx y", "x y", "Gr"),
    Odd("encoded word with a line end", head(subject=b"=?utf-8?q?A=0D=0ABcc:_x?=") + b"\r\nx y", "x y", "A Bcc: x"),
    Odd("broken encoded word", head(subject=b"=?utf-8?b?!!!?=") + b"\r\nx y", "x y", None),
    Odd("raw UTF-8 in the subject", head(subject="Größe".encode()) + b"\r\nx y", "x y", "Größe"),
    Odd("raw latin-1 in the subject", head(subject=b"Gr\xf6\xdfe") + b"\r\nx y", "x y", "Größe"),
    Odd("encoded word of few bytes and an unknown charset",
        head(subject=b"=?x-unknown?q?caf=E9?=") + b"\r\nx y", "x y", "café"),
    Odd("unknown charset of few bytes beyond ASCII", _text(b"x-unknown", b"caf\xe9 na\xefve"), "café naïve"),
    Odd("raw UTF-8 beside an encoded word",
        head(**{"from": "=?utf-8?q?J=C3=B6rg?= <jörg@out.example>".encode()}) + b"\r\nIt jams.", "It jams.",
        sender="jörg@out.example"),
    Odd("encoded words in a row",
        head(subject=b"Re: =?utf-8?q?Gr=C3?=\r\n =?utf-8?q?=B6=C3=9Fe?= of it") + b"\r\nx y", "x y",
        "Re: Größe of it"),
    Odd("calendar alone",
        HEAD + b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"
        b"SUMMARY:Replace the pri\r\n nter\r\nDTSTART;TZID=Europe/Berlin:20261201T090000\r\nLOCATION:Room 4\\, left"
        b"\r\nDESCRIPTION:Bring toner\\nand paper.\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "Replace the printer\nStart: 20261201T090000 (Europe/Berlin)\nLocation: Room 4, left\nBring toner\nand paper."),
    Odd("From with an encoded newline",
        head(**{"from": b"=?utf-8?q?Ann=0A?= <ann@customer.example>"}) + b"\r\nIt jams.", "It jams."),
    Odd("From without brackets", head(**{"from": b"ann@customer.example"}) + b"\r\nIt jams.", "It jams."),
    Odd("From with two addresses",
        head(**{"from": b"ann@customer.example, eve@evil.example"}) + b"\r\nIt jams.", "It jams."),
    Odd("From with a quoted at",
        head(**{"from": b'"ann@evil.example" <ann@customer.example>'}) + b"\r\nIt jams.", "It jams."),
    Odd("From in capitals", head(**{"from": b"ANN@CUSTOMER.EXAMPLE"}) + b"\r\nIt jams.", "It jams."),
    Odd("From with broken brackets", head(**{"from": b"Ann <ann@customer.example"}) + b"\r\nIt jams.", "It jams."),
    Odd("From twice", b"From: ann@customer.example\r\n" + HEAD.replace(b"Ann <", b"Eve <") + b"\r\nx y", "x y"),
    Odd("Message-ID in brackets of its own", head(message_id=b"<[abc]@x>") + b"\r\nIt jams.", "It jams."),
    Odd("Message-ID of nothing", head(message_id=b"<>") + b"\r\nIt jams.", "It jams."),
    Odd("header without a name", b": x\r\n" + HEAD + b"\r\nIt jams.", None, None),
    Odd("header line without a colon", HEAD + b"nonsense\r\n\r\nIt jams.", None),
    Odd("mbox line first", b"From ann@customer.example Mon\r\n" + HEAD + b"\r\nIt jams.", "It jams."),
    Odd("long line", HEAD + b"\r\n" + b"a " * 100_000, None),
    Odd("long header", HEAD + b"References: " + b"<a@b> " * 20_000 + b"\r\n\r\nIt jams.", "It jams."),
    Odd("many headers", HEAD + b"X-A: b\r\n" * 5_000 + b"\r\nIt jams.", "It jams."),
    Odd("nested 40 deep", _nested(40), "deep inside"),
    Odd("nested 90 deep", _nested(90), ""),
    Odd("HTML alone", HEAD + b"Content-Type: text/html\r\n\r\n<p>It <b>jams</b>.</p><script>x()</script>", "It jams."),
    Odd("HTML never closed", HEAD + b"Content-Type: text/html\r\n\r\n<div><div><p>It jams.<br", "It jams."),
    Odd("HTML with a pixel",
        HEAD + b"Content-Type: text/html\r\n\r\n<img src=https://t.example/p>It jams.", "It jams."),
    Odd("HTML with a harmful link",
        HEAD + b"Content-Type: text/html\r\n\r\n<a href='javascript:x()'>It jams.</a>", "It jams."),
    Odd("two alternatives",
        HEAD + b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\nIt jams.\r\n--x\r\n"
        b"Content-Type: text/html\r\n\r\n<p>Other</p>\r\n--x--", "It jams."),
    Odd("file name with folders",
        HEAD + b"Content-Disposition: attachment; filename=\"../../etc/passwd\"\r\n\r\nx", ""),
    Odd("file name in RFC 2231 that is broken",
        HEAD + b"Content-Disposition: attachment; filename*=x''%FF%ZZ\r\n\r\nx", ""),
    Odd("content disposition of nonsense", HEAD + b"Content-Disposition: ;=;\r\n\r\nIt jams.", "It jams."),
]  # fmt: skip


def mutated(seed: int, count: int) -> Iterator[bytes]:
    """Yield odd mails made worse: bytes changed, lost, doubled, moved between mails."""
    chance = random.Random(seed)
    sources = [each.raw for each in ODD if len(each.raw) < 20_000] + [_ordinary()]
    signs = [b"\r\n", b"\n", b"--x", b"=?", b"?=", b"<", b">", b";", b'"', b"\x00", b"\xff", b"charset=", b"boundary="]
    for _ in range(count):
        mail = bytearray(chance.choice(sources))
        for _ in range(chance.randint(1, 12)):
            place = chance.randrange(len(mail) + 1)
            match chance.randrange(5):
                case 0:
                    mail[place:place] = chance.choice(signs)
                case 1:
                    del mail[place : place + chance.randint(1, 30)]
                case 2:
                    mail[place : place + 1] = bytes([chance.randrange(256)])
                case 3:
                    other = chance.choice(sources)
                    start = chance.randrange(len(other))
                    mail[place:place] = other[start : start + chance.randint(1, 200)]
                case _:
                    mail[place:place] = mail[max(place - 60, 0) : place]
        yield bytes(mail)


def _ordinary() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ann <ann@customer.example>", "desk@company.example", "Größe"
    message["In-Reply-To"] = "<t1@company.example>"
    message.set_content("It jams.\n\nOn Monday the desk <desk@company.example> wrote:\n> How are you?\n")
    message.add_alternative("<p>It jams.</p><blockquote>How are you?</blockquote>", subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="größe.pdf")
    return message.as_bytes()
