"""Extracts the part of a mail that its author wrote: without quotes, forwarded mails, signatures and disclaimers.

Each step reads a line once with a bounded pattern, so that the time is linear in the length of the text. The maintained
libraries for this need seconds to minutes for one adversarial line (docs/dependencies.md).
"""

from itertools import dropwhile, islice

from ai_service.domain.mail import markers

READ_CHARACTERS = 32 * 1024
MAX_HEADER_LINES = 6
MAX_ATTRIBUTION_LINES = 3
MAX_SIGNATURE_LINES = 20
MAX_SIGN_OFF_LINES = 12
MAX_SIGN_OFF_CHARACTERS = 90
MAX_NESTED_MAILS = 5
MIN_WORDS = 2

Lines = list[str]


def authored_part(text: str) -> str:
    """Return the author's text; where that is empty or only a forwarding note, with the forwarded text."""
    read = text[:READ_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
    lines = [part for line in read.split("\n") for part in _split_at_markers(line)]
    own, quoted = _split_mails(lines)
    has_quotes = bool(quoted)
    parts = [_without_endings(own)]
    for _ in range(MAX_NESTED_MAILS):
        if not quoted or not _is_forwarding(parts[-1]):
            break
        own, quoted = _split_mails(_unquoted(quoted))
        parts.append(_without_endings(own))
    found = "\n".join(line for part in parts for line in part).strip()
    if not has_quotes and len(text) > READ_CHARACTERS:
        found += text[READ_CHARACTERS:]
    # A text of nothing but markers is kept whole.
    return found or text


def _split_at_markers(line: str) -> Lines:
    """Return a line in parts where it has a marker inside."""
    found = markers.WITHIN_A_LINE.search(line)
    if found is None or (found.start() == 0 and found.end() == len(line)):
        return [line]
    return markers.WITHIN_A_LINE.sub(lambda match: f"\n{match[0]}\n" if match[0] else "\n", line).split("\n")


def _split_mails(lines: Lines) -> tuple[Lines, Lines]:
    """Return the lines of this mail, and the lines of the mails inside it."""
    own: Lines = []
    quoted: Lines = []
    position = 0
    while position < len(lines):
        length = _introduction(lines, position)
        if length and not _is_quoted_next(lines, position + length):
            return own, [*quoted, *lines[position + length :]]
        if length:
            position += length
        elif markers.QUOTED.match(lines[position]):
            quoted.append(lines[position])
            position += 1
        else:
            own.append(lines[position])
            position += 1
    return own, quoted


def _introduction(lines: Lines, position: int) -> int:
    """Return how many lines introduce another mail at `position`: a separator, headers, `On … wrote:`; 0 for none."""
    line = lines[position][: markers.MAX_LINE_CHARACTERS]
    if not line or line.isspace():
        return 0
    if markers.SEPARATOR.match(line):
        return 1 + _headers(lines, position + 1, always=True)
    if markers.UNDERLINE.match(line):
        headers = _headers(lines, position + 1)
        return 1 + headers if headers else 0
    return _headers(lines, position) or _attribution(lines, position)


def _headers(lines: Lines, position: int, *, always: bool = False) -> int:
    """Return how many lines are headers of a mail: a sender with a date, a subject or an address."""
    kinds: set[str] = set()
    address = False
    at = position
    blanks = 0
    while at < len(lines) and at - position < MAX_HEADER_LINES + blanks:
        line = lines[at][: markers.MAX_LINE_CHARACTERS]
        if not line.strip():
            blanks += 1
            if blanks > 1 or (kinds and not always):
                break
            at += 1
            continue
        kind = next((name for name, pattern in markers.HEADERS.items() if pattern.match(line)), None)
        if kind is None:
            break
        kinds.add(kind)
        if kind == "from":
            address = "@" in line
            if markers.INLINE_HEADER.search(line):
                kinds.add("sent")
        at += 1
    is_mail = "from" in kinds and (kinds & {"sent", "subject"} or (address and len(kinds) > 1))
    return at - position if is_mail or (always and kinds) else 0


def _attribution(lines: Lines, position: int) -> int:
    """Return how many lines `On Monday, 4 May 2026 at 10:12, Anna <anna@x.example> wrote:` takes; 0 for none."""
    if not markers.ATTRIBUTION_BEGINS.match(lines[position][: markers.MAX_LINE_CHARACTERS]):
        return 0
    joined = ""
    for length in range(1, MAX_ATTRIBUTION_LINES + 1):
        if position + length > len(lines) or not lines[position + length - 1].strip():
            return 0
        joined = f"{joined} {lines[position + length - 1][: markers.MAX_LINE_CHARACTERS]}"
        if markers.ATTRIBUTION.search(joined[-400:]):
            quoted = _is_quoted_next(lines, position + length)
            return length if quoted or markers.DATED.search(joined) else 0
    return 0


def _is_quoted_next(lines: Lines, position: int) -> bool:
    following = next((line for line in lines[position : position + 3] if line.strip()), "")
    return markers.QUOTED.match(following) is not None


def _unquoted(lines: Lines) -> Lines:
    quotes = [markers.QUOTED.match(line) for line in lines]
    return [line[match.end() :] if match else line for line, match in zip(lines, quotes, strict=True)]


def _without_endings(lines: Lines) -> Lines:
    """Return the lines without signature, sign-off, `Sent from my phone` and disclaimers."""
    kept = _without_disclaimers(lines)
    kept = [_without_device(line) for line in kept]
    for position, line in enumerate(kept):
        if markers.SIGNATURE.match(line) and _ends_within(kept, position, MAX_SIGNATURE_LINES):
            return kept[:position]
        if len(line) <= markers.MAX_CLOSING_CHARACTERS and markers.CLOSING.match(line) and _is_sign_off(kept, position):
            return [*kept[:position], *_postscript(kept[position + 1 :])]
    return kept


def _without_device(line: str) -> str:
    if len(line) <= markers.MAX_SENT_FROM_CHARACTERS and markers.SENT_FROM.match(line.strip()):
        return ""
    if len(line) <= markers.MAX_LINE_CHARACTERS:
        return markers.SENT_FROM_BEHIND.sub("", line)
    return line


def _without_disclaimers(lines: Lines) -> Lines:
    kept: Lines = []
    paragraph: Lines = []
    for line in [*lines, ""]:
        if line.strip():
            paragraph.append(line)
            continue
        if not _is_disclaimer(paragraph):
            kept += paragraph
        kept.append(line)
        paragraph = []
    return kept[:-1]


def _is_disclaimer(paragraph: Lines) -> bool:
    if not paragraph or not markers.DISCLAIMER_BEGINS.match(paragraph[0][: markers.MAX_LINE_CHARACTERS]):
        return False
    return markers.DISCLAIMER_WORDING.search(" ".join(paragraph)[: 2 * markers.MAX_LINE_CHARACTERS]) is not None


def _ends_within(lines: Lines, position: int, most: int) -> bool:
    """Return whether at most `most` lines with a text follow. Stops at one more, so that the time stays linear."""
    following = (line for line in islice(lines, position + 1, None) if line.strip())
    return len(list(islice(following, most + 1))) <= most


def _is_sign_off(lines: Lines, position: int) -> bool:
    """Return whether only a few short lines follow up to the end or a postscript."""
    texts = 0
    for line in islice(lines, position + 1, None):
        if markers.POSTSCRIPT.match(line):
            break
        texts += bool(line.strip())
        if texts > MAX_SIGN_OFF_LINES or len(line) > MAX_SIGN_OFF_CHARACTERS:
            return False
    return True


def _postscript(lines: Lines) -> Lines:
    return list(dropwhile(lambda line: not markers.POSTSCRIPT.match(line), lines))


def _is_forwarding(lines: Lines) -> bool:
    words = " ".join(lines).split()
    if len(words) < MIN_WORDS:
        return True
    return (
        len(words) <= markers.MAX_FORWARDING_NOTE_WORDS and markers.FORWARDING_NOTE.match(" ".join(words)) is not None
    )
