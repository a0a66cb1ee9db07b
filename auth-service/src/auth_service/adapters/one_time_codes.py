"""Time-based one-time codes (RFC 6238) by pyotp: six digits, a new one every 30 seconds."""

from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

ISSUER = "Smart Ticket"
WINDOW_STEPS = 1
"""A code of the step before or after counts: clocks differ, and typing takes a while."""


def new_secret() -> str:
    """Return a random secret of 160 bits in base32."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, email: str) -> str:
    """Return the `otpauth://` address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step of a code of six digits, None for a wrong code."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=WINDOW_STEPS)
    except OTPVerificationError:
        return None
