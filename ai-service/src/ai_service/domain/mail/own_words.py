"""Which part of a text its writer wrote: without quotes, forwarded mails, signatures and disclaimers.

Every step reads a line once with a bounded pattern, so that the time grows with the length of the text alone. The kept
libraries for this need seconds to minutes for one hostile line (docs/dependencies.md).
"""

from itertools import dropwhile, islice

from ai_service.domain.mail import markers

READ_CHARACTERS = 32 * 1024
HEADER_LINES = 6
ATTRIBUTION_LINES = 3
SIGNATURE_LINES = 20
SIGN_OFF_LINES = 12
LONGEST_SIGN_OFF = 90
NESTED = 5
"""So many mails inside each other are unpacked."""
FEWEST_WORDS = 2

Lines = list[str]


def own_words(text: str) -> str:
    """Return what the writer of `text` wrote; where that is nothing, or hands something on, what was forwarded too."""
    read = text[:READ_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
    lines = [part for line in read.split("\n") for part in _parts(line)]
    own, foreign = _divided(lines)
    ends_here = not foreign
    said = [_without_foreign_ends(own)]
    for _ in range(NESTED):
        if not foreign or not _hands_on(said[-1]):
            break
        own, foreign = _divided(_unquoted(foreign))
        said.append(_without_foreign_ends(own))
    found = "\n".join(line for part in said for line in part).strip()
    if ends_here and len(text) > READ_CHARACTERS:
        found += text[READ_CHARACTERS:]
    # Where a text is nothing but marks, all of it is read.
    return found or text


def _parts(line: str) -> Lines:
    """Return a line in parts where a mark stands inside it."""
    found = markers.WITHIN_A_LINE.search(line)
    if found is None or (found.start() == 0 and found.end() == len(line)):
        return [line]
    return markers.WITHIN_A_LINE.sub(lambda match: f"\n{match[0]}\n" if match[0] else "\n", line).split("\n")


def _divided(lines: Lines) -> tuple[Lines, Lines]:
    """Return the lines of this mail, and those of the mails inside it."""
    own: Lines = []
    foreign: Lines = []
    place = 0
    while place < len(lines):
        length = _introduction(lines, place)
        if length and not _is_quoted_next(lines, place + length):
            return own, [*foreign, *lines[place + length :]]
        if length:
            place += length
        elif markers.QUOTED.match(lines[place]):
            foreign.append(lines[place])
            place += 1
        else:
            own.append(lines[place])
            place += 1
    return own, foreign


def _introduction(lines: Lines, place: int) -> int:
    """Return how many lines introduce another mail at `place`: a separator, headers, `On … wrote:`; 0 for none."""
    line = lines[place][: markers.LONGEST_LINE]
    if not line or line.isspace():
        return 0
    if markers.SEPARATOR.match(line):
        return 1 + _headers(lines, place + 1, always=True)
    if markers.UNDERLINE.match(line):
        headers = _headers(lines, place + 1)
        return 1 + headers if headers else 0
    return _headers(lines, place) or _attribution(lines, place)


def _headers(lines: Lines, place: int, *, always: bool = False) -> int:
    """Return how many lines are headers of a mail: a sender with a date, a subject or an address of its own."""
    kinds: set[str] = set()
    address = False
    at = place
    blanks = 0
    while at < len(lines) and at - place < HEADER_LINES + blanks:
        line = lines[at][: markers.LONGEST_LINE]
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
    return at - place if is_mail or (always and kinds) else 0


def _attribution(lines: Lines, place: int) -> int:
    """Return over how many lines `On Monday, 4 May 2026 at 10:12, Anna <anna@x.example> wrote:` goes; 0 for none."""
    if not markers.ATTRIBUTION_BEGINS.match(lines[place][: markers.LONGEST_LINE]):
        return 0
    joined = ""
    for length in range(1, ATTRIBUTION_LINES + 1):
        if place + length > len(lines) or not lines[place + length - 1].strip():
            return 0
        joined = f"{joined} {lines[place + length - 1][: markers.LONGEST_LINE]}"
        if markers.ATTRIBUTION.search(joined[-400:]):
            quoted = _is_quoted_next(lines, place + length)
            return length if quoted or markers.DATED.search(joined) else 0
    return 0


def _is_quoted_next(lines: Lines, place: int) -> bool:
    following = next((line for line in lines[place : place + 3] if line.strip()), "")
    return markers.QUOTED.match(following) is not None


def _unquoted(lines: Lines) -> Lines:
    quotes = [markers.QUOTED.match(line) for line in lines]
    return [line[match.end() :] if match else line for line, match in zip(lines, quotes, strict=True)]


def _without_foreign_ends(lines: Lines) -> Lines:
    """Return lines without signature, sign-off, `Sent from my phone` and disclaimers."""
    kept = _without_disclaimers(lines)
    kept = [_without_device(line) for line in kept]
    for place, line in enumerate(kept):
        if markers.SIGNATURE.match(line) and _ends_within(kept, place, SIGNATURE_LINES):
            return kept[:place]
        if len(line) <= markers.LONGEST_CLOSING and markers.CLOSING.match(line) and _is_sign_off(kept, place):
            return [*kept[:place], *_postscript(kept[place + 1 :])]
    return kept


def _without_device(line: str) -> str:
    if len(line) <= markers.LONGEST_SENT_FROM and markers.SENT_FROM.match(line.strip()):
        return ""
    if len(line) <= markers.LONGEST_LINE:
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
    if not paragraph or not markers.DISCLAIMER_BEGINS.match(paragraph[0][: markers.LONGEST_LINE]):
        return False
    return markers.DISCLAIMER_SAYS.search(" ".join(paragraph)[: 2 * markers.LONGEST_LINE]) is not None


def _ends_within(lines: Lines, place: int, most: int) -> bool:
    """Tell whether at most so many lines with a text follow. Stops at one more, so that no text costs its square."""
    following = (line for line in islice(lines, place + 1, None) if line.strip())
    return len(list(islice(following, most + 1))) <= most


def _is_sign_off(lines: Lines, place: int) -> bool:
    """Tell whether only a few short lines follow, as far as the end or a postscript."""
    texts = 0
    for line in islice(lines, place + 1, None):
        if markers.POSTSCRIPT.match(line):
            break
        texts += bool(line.strip())
        if texts > SIGN_OFF_LINES or len(line) > LONGEST_SIGN_OFF:
            return False
    return True


def _postscript(lines: Lines) -> Lines:
    return list(dropwhile(lambda line: not markers.POSTSCRIPT.match(line), lines))


def _hands_on(lines: Lines) -> bool:
    words = " ".join(lines).split()
    if len(words) < FEWEST_WORDS:
        return True
    return len(words) <= markers.LONGEST_HANDED_ON and markers.HANDED_ON.match(" ".join(words)) is not None
