"""What `smart-ticket up` says to try next works in the mode that it started in."""

from launcher.commands.lifecycle import next_steps

URL = "http://localhost:5000"
PROTECTED = ("/api/tickets", "/api/dashboard/summary")


def calls(mode: str) -> list[str]:
    """Return the calls, each in one line."""
    return [line for line in next_steps(URL, mode).replace("\\\n", "").splitlines() if "curl" in line]


def test_in_development_mode_no_call_needs_a_token() -> None:
    assert len(calls("development")) == 3
    assert "Authorization" not in next_steps(URL, "development")


def test_in_another_mode_each_call_sends_the_token_that_a_login_gave() -> None:
    found = calls("production")
    assert any(line.lstrip().startswith("TOKEN=$(curl") and f"{URL}/api/auth/login" in line for line in found)
    for path in PROTECTED:
        (call,) = [line for line in found if f"{URL}{path}" in line]
        assert '-H "Authorization: Bearer $TOKEN"' in call
    assert "smart-ticket users add" in next_steps(URL, "production")
