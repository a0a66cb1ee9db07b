"""The one place that takes personal data out of a text before it leaves for somebody else's model.

Names and addresses of houses stay: no pattern finds them. What is found becomes a placeholder that says what it was,
the same one for the same value, so that a reader still follows who wrote to whom.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST = 100_000
"""Characters looked at; nothing behind them leaves."""

_EMAIL = re.compile(r"[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_SECRET = re.compile(
    r"\b(?:sk-[\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}"
    r"|AIza[\w-]{30,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,})"
)
# "password: x", "PIN is x", "pwd = x"; not "password expired", where nothing follows that gives it away.
_PASSWORD = re.compile(
    r"(?i)\b(password|passwort|passphrase|passcode|pwd|pin|token|secret|api[ _-]?key)"
    r"(\s*(?:is|ist)?\s*[:=]\s*|\s+is\s+)"
    r"(?!(?:not|wrong|expired|invalid|rejected|required|incorrect|missing|too|being|still|no|never|always)\b)(\S{3,})"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_IP = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:]|\.\d)")
_PHONE = re.compile(
    r"(?<![\w.-])(?:\+|00)\d{1,3}(?:[ ./()-]{0,2}\d){6,13}(?!\w)"
    r"|(?<![\w.-])\(?0\d{1,5}\)?(?:[ ./-]\d{2,5}){2,5}(?!\w)"
)


@dataclass
class _Redaction:
    """Numbers the values of one text."""

    known: dict[tuple[str, str], str] = field(default_factory=dict)

    def placeholder(self, kind: str, value: str) -> str:
        key = (kind, re.sub(r"[\s.()/-]", "", value).casefold())
        if key not in self.known:
            number = sum(1 for other, _ in self.known if other == kind) + 1
            self.known[key] = f"[{kind}_{number}]"
        return self.known[key]


def redact(*texts: str) -> list[str]:
    """Return texts that belong together without e-mail addresses, telephone numbers, IBANs, card numbers, IP addresses,
    keys and stated passwords."""
    book = _Redaction()
    return [_redacted(text[:LONGEST], book) for text in texts]


def _redacted(text: str, book: _Redaction) -> str:
    text = _PASSWORD.sub(lambda found: f"{found[1]}{found[2]}{book.placeholder('SECRET', found[3])}", text)
    for kind, pattern, meant in _KINDS:
        text = pattern.sub(lambda found: book.placeholder(kind, found[0]) if meant(found[0]) else found[0], text)  # noqa: B023 - used at once
    return text


def _always(_value: str) -> bool:
    return True


def is_iban(value: str) -> bool:
    """Tell whether a text's check digits are an IBAN's (ISO 13616)."""
    plain = value.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(each, 36)) for each in plain[4:] + plain[:4])) % 97 == 1


def is_card(value: str) -> bool:
    """Tell whether a number's last digit checks the others, as a card's does (Luhn)."""
    digits = [int(each) for each in value if each.isdecimal()]
    doubled = [each if place % 2 == 0 else sum(divmod(each * 2, 10)) for place, each in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0 and len(set(digits)) > 1


def is_address(value: str) -> bool:
    """Tell whether a text is an IP address and not a version or a time."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("SECRET", _SECRET, _always),
    ("EMAIL", _EMAIL, _always),
    ("IBAN", _IBAN, is_iban),
    ("CARD", _CARD, is_card),
    ("IP", _IP, is_address),
    ("PHONE", _PHONE, _always),
)
"""In this order: what checks itself goes before what only looks like a telephone number."""
