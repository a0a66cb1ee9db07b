"""Requests about passwords and second factors, as a person makes them, and a person's authenticator app."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp

from .conftest import Api, People

NEW = "three green kites above"
STEP = timedelta(seconds=30)


class Clock:
    """The time by which the service checks codes."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)


class App:
    """An authenticator app whose next code is that of a later step, so that no test waits for one."""

    def __init__(self, clock: Clock, secret: str) -> None:
        self.secret = secret
        self._clock, self._totp = clock, pyotp.TOTP(secret)

    def next_code(self) -> str:
        """Let a step pass and return its code."""
        self._clock.moment += STEP
        return self.code()

    def code(self) -> str:
        """Return the code of now."""
        return self._totp.at(self._clock.moment)


Factor = tuple[App, list[str]]
"""A person's authenticator app and recovery codes."""


def signed_in(people: People, password: str = People.PASSWORD) -> tuple[Api, Any]:
    """Return the service as Ada sees it after a login, and the answer to the login."""
    answer = people.log_in(password=password)
    assert answer.status_code == 200, answer.text
    return people.as_caller(answer.json["access_token"]), answer.json


def user_id(who: Api) -> int:
    """Return the id of a caller."""
    return int(who.subject.partition(":")[2])


def change(who: Api, current: Any = People.PASSWORD, new: Any = NEW, **headers: str) -> Any:
    """Change a caller's password and return the answer."""
    body = {"current_password": current, "new_password": new}
    return who.call("POST", "/api/auth/password/change", body, **headers)


def link_for(admin: Api) -> str:
    """Return the token of a link that an admin makes for themselves."""
    answer = admin.call("POST", f"/api/users/{user_id(admin)}/password-reset")
    assert answer.status_code == 201, answer.text
    token: str = answer.json["token"]
    return token


def reset(people: People, token: Any, new: Any = NEW, **more: Any) -> Any:
    """Set a new password by a link and return the answer."""
    return people.post("/api/auth/password/reset", {"token": token, "new_password": new, **more})


def enable(who: Api, password: Any = People.PASSWORD, **headers: str) -> Any:
    """Ask for a second factor and return the answer."""
    return who.call("POST", "/api/auth/totp/enable", {"password": password}, **headers)


def confirm(who: Api, code: Any, **headers: str) -> Any:
    """Confirm a second factor and return the answer."""
    return who.call("POST", "/api/auth/totp/confirm", {"code": code}, **headers)


def disable(who: Api, code: Any, password: Any = People.PASSWORD) -> Any:
    """Remove a second factor and return the answer."""
    return who.call("POST", "/api/auth/totp/disable", {"password": password, "code": code})


def half_login(people: People) -> str:
    """Log in without a code and return the half-login token."""
    answer = people.log_in()
    assert (answer.status_code, answer.json["code"]) == (401, "totp_required")
    token: str = answer.json["half_login_token"]
    return token


def finish(people: People, half_login_token: Any, totp: Any, **more: Any) -> Any:
    """Finish a half-done login and return the answer."""
    return people.post("/api/auth/login", {"half_login_token": half_login_token, "totp": totp, **more})
