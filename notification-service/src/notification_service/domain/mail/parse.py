"""Reads the bytes of a mail. Each header and each part is guarded: one that can't be read is noted, not fatal."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from notification_service.domain.mail.calendar_text import summary_of
from notification_service.domain.mail.charsets import Guess, clean, decode
from notification_service.domain.mail.html_text import text_of
from notification_service.domain.mail.message import (
    MAX_SUBJECT_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    NO_SUBJECT,
    MailFile,
    ReadMail,
    Unreadable,
)
from notification_service.domain.mail.mime_fields import (
    content_of,
    content_type,
    disposition,
    parameter,
    payload,
    whole,
)
from notification_service.domain.mail.threads import message_ids
from notification_service.domain.texts import without_hidden

MAX_PARTS = 100
MAX_DEPTH = 50
MAX_TEXT_BYTES = 10 * 1024 * 1024
MAX_FILES = 20
MAX_CALENDARS = 3
MAX_HEADERS = 500
MAX_HEADER_CHARACTERS = 8_000
MAX_NAME_CHARACTERS = 200
MAX_ADDRESSES = 100
Sanitise = Callable[[str], str]
"""Returns HTML without scripts, styles and whatever else is no text."""
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\]{1,255}")
_RECIPIENTS = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ENCODED_WORD = r"=\?[^?\s]*\?[bBqQ]\?.*?\?="
_ENCODED_WORDS = re.compile(rf"{_ENCODED_WORD}(?:\s*{_ENCODED_WORD})*")
_PATH = re.compile(r"[/\\]+")
_RETURNED = {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}


@dataclass
class _Contents:
    """The contents of the parts of a mail."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)
    files: list[MailFile] = field(default_factory=list)
    returned_ids: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    text_bytes: int = 0
    faults: list[str] = field(default_factory=list)

    def note(self, fault: str) -> None:
        """Note a fault once."""
        if fault not in self.faults:
            self.faults.append(fault)

    def add_file(self, name: str, unnamed: str, kind: str, content: bytes) -> None:
        """Add a file; one without a name gets `unnamed` with its number."""
        position = len(self.files)
        shown = name or unnamed.format(position + 1)
        self.files.append(MailFile(position, shown, kind, content, len(content)))


def parse(raw: bytes, *, guess: Guess, sanitise: Sanitise) -> ReadMail:
    """Return what a mail holds; raise Unreadable where it is no mail, or is nested too deep to be read."""
    try:
        message = message_from_bytes(raw)
    except (RecursionError, MemoryError) as error:
        raise Unreadable("its parts are nested too deep") from error
    except Exception as error:
        raise Unreadable(f"it is no mail: {type(error).__name__}") from error
    headers = _headers(message, guess)
    if not any(name in headers for name in ("from", "to", "subject", "date", "received", "return-path")):
        raise Unreadable("it has none of the headers of a mail")
    contents = _Contents()
    for part, depth in _parts(message, contents):
        try:
            _read_part(part, depth, contents, guess, sanitise)
        except Exception as error:
            contents.note(f"a part can't be read: {type(error).__name__}")
    senders = _addresses(headers, "from") or _addresses(headers, "sender") or _addresses(headers, "reply-to")
    name, sender = senders[0] if senders else ("", "")
    own_id = next(iter(message_ids(_first(headers, "message-id"))), None)
    return ReadMail(
        headers=headers,
        message_id=own_id or _bare_id(_first(headers, "message-id")),
        sender=sender,
        sender_name=_cut(name, MAX_NAME_CHARACTERS) or sender[:MAX_NAME_CHARACTERS],
        recipients=tuple(address for header in _RECIPIENTS for _, address in _addresses(headers, header)),
        subject=_cut(_first(headers, "subject"), MAX_SUBJECT_CHARACTERS) or NO_SUBJECT,
        references=message_ids(_first(headers, "in-reply-to"), _first(headers, "references")),
        content_type=content_type(message),
        report_type=parameter(message, "report-type").lower(),
        text=_text(contents),
        files=tuple(contents.files),
        returned_ids=tuple(dict.fromkeys(contents.returned_ids)),
        actions=tuple(contents.actions),
        faults=tuple(contents.faults),
    )


def _headers(message: Message, guess: Guess) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in list(message._headers)[:MAX_HEADERS]:  # type: ignore[attr-defined]
        # Not items(): that converts each value, which fails for some.
        known = found.get(name.lower(), ())
        found[clean(name.lower())] = (*known, _header_text(value, guess))
    return found


def _header_text(value: object, guess: Guess) -> str:
    """Return a header's value with its encoded words decoded; a value that can't be decoded stays as it is."""
    plain = str(value).encode("utf-8", "surrogateescape")[: MAX_HEADER_CHARACTERS * 4]
    text = decode(plain, None, guess)[0][:MAX_HEADER_CHARACTERS]
    if "=?" not in text:
        return _CONTROLS.sub(" ", text).strip()
    return _CONTROLS.sub(" ", _ENCODED_WORDS.sub(lambda found: _words(found[0], guess), text)).strip()


def _words(encoded: str, guess: Guess) -> str:
    """Return the text of encoded words; what can't be decoded stays as it is.

    The library sees them alone: it turns other characters beyond ASCII into bytes of no known charset.
    """
    try:
        return "".join(
            piece if isinstance(piece, str) else decode(piece, charset or "ascii", guess)[0]
            for piece, charset in decode_header(encoded)
        )
    except (HeaderParseError, ValueError, LookupError, AssertionError, IndexError, TypeError):
        return encoded


def _addresses(headers: dict[str, tuple[str, ...]], name: str) -> list[tuple[str, str]]:
    """Return names and addresses in a header, of which each is one address in lower case."""
    found: list[tuple[str, str]] = []
    for value in headers.get(name, ()):
        try:
            pairs = getaddresses([value])
        except Exception:
            pairs = []
        good = [(without_hidden(shown), address.strip().lower()) for shown, address in pairs]
        good = [(shown, address) for shown, address in good if _ADDRESS.fullmatch(address)]
        if not good and (loose := _ADDRESS.search(value)):
            good = [("", loose[0].lower())]
        found += good
    return found[:MAX_ADDRESSES]


def _parts(message: Message, contents: _Contents) -> Iterator[tuple[Message, int]]:
    """Yield the parts without parts of their own, in order; what is beyond the limits is noted."""
    waiting: list[tuple[Message, int]] = [(message, 0)]
    count = 0
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if count > MAX_PARTS:
            contents.note(f"it has more than {MAX_PARTS} parts; the others are left out")
            return
        inner = payload(part)
        if isinstance(inner, list) and content_type(part) == "message/delivery-status":
            contents.actions += [str(each["action"]).strip().lower() for each in inner if each["action"]][
                :MAX_ADDRESSES
            ]
        elif isinstance(inner, list) and content_type(part) not in _RETURNED:
            if depth >= MAX_DEPTH:
                contents.note(f"its parts are nested deeper than {MAX_DEPTH}; the inner ones are left out")
                continue
            waiting += [(each, depth + 1) for each in reversed(inner) if isinstance(each, Message)]
        else:
            yield part, depth


def _read_part(part: Message, depth: int, contents: _Contents, guess: Guess, sanitise: Sanitise) -> None:
    kind = content_type(part)
    if kind in _RETURNED and depth:
        _read_returned(part, kind, contents, guess)
        return
    content = content_of(part)
    name = _file_name(part, guess)
    if kind == "text/calendar" and len(contents.calendars) < MAX_CALENDARS:
        contents.calendars.append(summary_of(decode(content, parameter(part, "charset") or None, guess)[0]))
    if kind in ("text/plain", "text/html", "") and not name and disposition(part) != "attachment":
        room = MAX_TEXT_BYTES - contents.text_bytes
        if len(content) > room:
            contents.note(f"it has more than {MAX_TEXT_BYTES // 1024 // 1024} MB of text; the rest is left out")
            content = content[:room]
        contents.text_bytes += len(content)
        text, certain = decode(content, parameter(part, "charset") or None, guess)
        if not certain:
            contents.note("the charset of its text is guessed")
        if kind == "text/html":
            contents.html.append(text_of(sanitise(text)))
        else:
            contents.plain.append(text)
    elif kind.startswith("multipart/"):
        # Without a boundary the parser can't divide it: what it holds is shown as text.
        contents.plain.append(decode(content or str(part.get_payload()).encode(errors="replace"), None, guess)[0])
        contents.note("it says that it has parts, and has none")
    elif len(contents.files) >= MAX_FILES:
        contents.note(f"it has more than {MAX_FILES} files; the others are left out")
    elif content and kind not in ("message/delivery-status", "message/disposition-notification"):
        contents.add_file(name, "file-{}", kind or "text/plain", content)


def _read_returned(part: Message, kind: str, contents: _Contents, guess: Guess) -> None:
    """Take the Message-ID of a mail that is returned or forwarded; a forwarded one is a file, too."""
    inner = payload(part)
    returned = next(iter(inner), None) if isinstance(inner, list) else message_from_bytes(content_of(part))
    if isinstance(returned, Message):
        ids = message_ids(_first(_headers(returned, guess), "message-id"))
        contents.returned_ids += ids
        if kind == "message/rfc822" and len(contents.files) < MAX_FILES:
            contents.add_file(_file_name(part, guess), "message-{}.eml", kind, whole(returned))


def _file_name(part: Message, guess: Guess) -> str:
    try:
        found = part.get_filename() or ""
    except Exception:
        found = ""
    name = _PATH.sub("_", without_hidden(_header_text(found, guess))).strip(". ")
    if len(name) <= MAX_NAME_CHARACTERS:
        return name
    stem, dot, extension = name.rpartition(".")
    return f"{stem[: MAX_NAME_CHARACTERS - 12]}{dot}{extension[:10]}"


def _text(contents: _Contents) -> str:
    text = "\n\n".join(part.strip() for part in contents.plain if part.strip())
    if not text:
        text = "\n\n".join(part for part in contents.html or contents.calendars if part)
    if len(text) > MAX_TEXT_CHARACTERS:
        contents.note(f"its text is cut after {MAX_TEXT_CHARACTERS} characters")
        text = text[:MAX_TEXT_CHARACTERS]
    return text


def _first(headers: dict[str, tuple[str, ...]], name: str) -> str:
    return next(iter(headers.get(name, ())), "")


def _bare_id(header: str) -> str | None:
    """Return a Message-ID that lacks its brackets, None without one."""
    return header[:500] if header and "@" in header and not re.search(r"\s", header) else None


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text as one line without anything hidden; a cut may leave a joiner at its end."""
    return without_hidden(without_hidden(text)[:most])
