"""Replaces personal data in texts before they are sent to an external model.

Names and postal addresses stay, because no pattern finds them. Each value found becomes a placeholder that names its
kind; equal values get equal placeholders, so that a reader can still follow who wrote to whom.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_CHARACTERS = 100_000
"""Longer texts are cut to this length."""

_EMAIL = re.compile(r"[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_SECRET = re.compile(
    r"\b(?:sk-[\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}"
    r"|AIza[\w-]{30,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,})"
)
# "password: x", "PIN is x", "pwd = x"; not "password expired", which states no password.
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
    """The placeholders of the texts that belong together."""

    placeholders: dict[tuple[str, str], str] = field(default_factory=dict)

    def placeholder(self, kind: str, value: str) -> str:
        key = (kind, re.sub(r"[\s.()/-]", "", value).casefold())
        if key not in self.placeholders:
            number = sum(1 for other, _ in self.placeholders if other == kind) + 1
            self.placeholders[key] = f"[{kind}_{number}]"
        return self.placeholders[key]


def redact(*texts: str) -> list[str]:
    """Return texts that belong together with placeholders for e-mail addresses, telephone numbers, IBANs, card numbers,
    IP addresses, keys and stated passwords."""
    redaction = _Redaction()
    return [_redacted(text[:MAX_CHARACTERS], redaction) for text in texts]


def _redacted(text: str, redaction: _Redaction) -> str:
    text = _PASSWORD.sub(lambda found: f"{found[1]}{found[2]}{redaction.placeholder('SECRET', found[3])}", text)
    for kind, pattern, is_valid in _KINDS:

        def replacement(found: re.Match[str], kind: str = kind, is_valid: Callable[[str], bool] = is_valid) -> str:
            return redaction.placeholder(kind, found[0]) if is_valid(found[0]) else found[0]

        text = pattern.sub(replacement, text)
    return text


def _always(_value: str) -> bool:
    return True


def is_iban(value: str) -> bool:
    """Return whether a text has the check digits of an IBAN (ISO 13616)."""
    compact = value.replace(" ", "")
    if not 15 <= len(compact) <= 34:
        return False
    return int("".join(str(int(each, 36)) for each in compact[4:] + compact[:4])) % 97 == 1


def is_card(value: str) -> bool:
    """Return whether a number's last digit is its Luhn check digit, as of a payment card."""
    digits = [int(each) for each in value if each.isdecimal()]
    doubled = [each if place % 2 == 0 else sum(divmod(each * 2, 10)) for place, each in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0 and len(set(digits)) > 1


def is_address(value: str) -> bool:
    """Return whether a text is an IP address and not a version or a time."""
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
"""The order matters: kinds with a check digit precede telephone numbers, which only a pattern identifies."""
