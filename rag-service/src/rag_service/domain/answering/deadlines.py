"""Whether a question asks until when something must be done, and whether a text answers that."""

import re

UNTIL = re.compile(r"(?i)\b(?:until|till|by) when\b")
_ASKED = re.compile(
    r"(?i)\b(?:until when|till when|by when|deadline|due date|bis wann|jusqu['’]à quand|avant quand|hasta cuándo"
    r"|tot wanneer)\b"
    r"|\b(?:when|what date|what day) (?:do|does|must|should|has|have|is|are)\b.{0,40}"
    r"\b(?:have to|has to|must|need to|needs to|due|payable)\b|\bwhen must\b"
    r"|\b(?:wann|quand|cuándo)\b.{0,40}\b(?:spätestens|fällig|au plus tard|a más tardar)\b"
    r"|\b(?:wann)\b.{0,10}\b(?:muss|müssen)\b.{0,60}\b(?:bezahlen|zahlen|abgeben|zurückgeben|bezahlt|eingehen)\b"
)
_END = re.compile(
    r"(?i)\b(?:by|until|till|before|within|latest|no later|due|deadline|to|bis|spätestens|vor|fällig|innerhalb|binnen"
    r"|avant|jusqu|au plus tard|dans les|antes|hasta|a más tardar|uiterlijk|tot|voor)\b|\d ?[–-] ?\d"
)
_BEGINNING = re.compile(r"(?i)\b(?:from|since|starts?|begins?|ab|seit|beginnt|à partir|dès|desde|a partir|vanaf)\b")
_OBLIGES = re.compile(
    r"(?i)\b(?:must|has to|have to|needs? to|is due|are due|payable|required|at the latest|no later than|spätestens"
    r"|muss|müssen|fällig|ist zu|sind zu|doit|doivent|au plus tard|deben?|a más tardar|moet|moeten|uiterlijk)\b"
)


def asks_deadline(question: str) -> bool:
    """Return whether a question asks until when something must be done: "When do I have to pay the rent?"."""
    return _ASKED.search(question) is not None


def has_only_beginning(text: str) -> bool:
    """Return whether a text tells from when something holds and not until when."""
    return _BEGINNING.search(text) is not None and not _END.search(text)


def is_deadline(text: str) -> bool:
    """Return whether a sentence tells until when something must be done."""
    return _OBLIGES.search(text) is not None and _END.search(text) is not None
