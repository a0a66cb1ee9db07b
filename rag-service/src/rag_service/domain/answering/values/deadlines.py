"""Whether a question asks until when something must be done, and whether a text answers that."""

import re

UNTIL = re.compile(r"(?i)\b(?:until|till|by) when\b")
_ASKED = re.compile(
    r"(?i)\b(?:until|till|by) when\b|\bdeadline\b|\bdue date\b|\bhow late (?:can|may)\b"
    r"|(?<!\bfrom )(?<!\bsince )\bwhen (?:must|should)\b"
    r"|(?<!\bfrom )(?<!\bsince )\b(?:when|what date|what day) (?:do|does|must|should|has|have|is|are)\b.{0,60}"
    r"\b(?:have to|has to|must|needs? to|due|payable)\b"
    r"|\bbis wann\b|\bfrist\b|(?<!\bab )(?<!\bseit )\bwann (?:muss|müssen|sollte?)\b"
    r"|\bwann\b.{0,60}\b(?:spätestens|fällig)\b"
    r"|\bjusqu['’](?:à|a) quand\b|\bavant quand\b|(?<!\bde )\bquand (?:dois|doit|devons|faut)\b"
    r"|\bquand\b.{0,60}\bau plus tard\b"
    r"|\bdate limite\b"
    r"|\bhasta cuándo\b|\bcuándo (?:debo|debe|hay que|tengo que)\b|\bcuándo\b.{0,60}\ba más tardar\b"
    r"|\bfecha límite\b|\bplazo\b|\bentro quando\b|\btot wanneer\b"
)
_DEADLINE = re.compile(
    r"(?i)\b(?:by|until|till|before|no later|at the latest|within|due|deadline|bis|spätestens|vor dem|vor|innerhalb"
    r"|binnen|fällig|frist|avant|au plus tard|jusqu|hasta|antes|a más tardar|plazo|entro|uiterlijk|vóór)\b"
)
_MISSED = re.compile(
    r"(?i)\b(?:who\w*|anyone|if|wer|wenn|falls|celui|quiconque|qui|si|quien\w*|chi|se|wie|als)\b[^.]{0,60}?"
    r"(?:\b(?:not|never|nicht|kein\w*|pas|no|non|niet)\b|n['’]t\b)"
)
"""Tells the consequences of a missed deadline."""
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


def names_deadline(text: str) -> bool:
    """Return whether a sentence names a deadline, and not what happens after it: "Who has not paid by …"."""
    return _DEADLINE.search(text) is not None and _MISSED.search(text) is None
