"""The real system behind a gateway that asks for tokens, and one caller of each role."""

import base64
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass, field

import requests
from auth_service.domain.api_key import grantable
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, public_key
from service_kit.service_settings import GATEWAY, development_signing_key, known_services

from tests.stack import Stack

PASSWORD = "seven small blue boats"
KEY, NOBODY = "API key", "no token"
ROLES = (REQUESTER, AGENT, MANAGER, ADMIN, KEY, NOBODY)
TIMEOUT_SECONDS = 60
TICKETS = 12


def guarded_stack() -> Stack:
    """Return a system whose gateway is outside development mode; nothing limits how many requests it takes."""
    seed = base64.b64encode(os.urandom(32)).decode()
    keys = {name: public_key(development_signing_key(name)) for name in known_services()} | {GATEWAY: public_key(seed)}
    trusted = ",".join(f"{name}:{key}" for name, key in keys.items())
    of_gateway = {"SMARTTICKET_ENV": "production", "INTERNAL_SIGNING_KEY": seed, "RATE_LIMITS": "off"}
    of_gateway["INTERNAL_TRUSTED_KEYS"] = ""  # the gateway trusts none, and refuses development keys
    return Stack(settings={"INTERNAL_TRUSTED_KEYS": trusted}, of={GATEWAY: of_gateway})


@dataclass
class Caller:
    """Somebody who calls as one role. Requests may end its own session or account; `renew` makes another."""

    stack: Stack
    role: str
    headers: dict[str, str] = field(default_factory=dict)

    def renew(self) -> None:
        """Become a new person of the role, or a new key of a new admin; nobody stays nobody."""
        if self.role == NOBODY:
            return
        email = f"{secrets.token_hex(6)}@desk.example"
        person = ADMIN if self.role == KEY else self.role
        add = [sys.executable, "-m", "auth_service.command_line", "add", email, "--role", person, "--password-stdin"]
        environment = self.stack.environment("auth-service")
        added = subprocess.run(add, env=environment, input=PASSWORD, text=True, capture_output=True, timeout=300)
        assert added.returncode == 0, added.stderr
        self.headers = _bearer(self._ask("/api/auth/login", {"email": email, "password": PASSWORD})["access_token"])
        if self.role == KEY:
            me = requests.get(f"{self.stack.url}/api/me", headers=self.headers, timeout=TIMEOUT_SECONDS).json()
            body = {"name": "Fuzz", "scopes": sorted(grantable(me["rights"]))}
            self.headers = _bearer(self._ask("/api/api-keys", body)["key"])

    def lives(self) -> bool:
        """Return whether its token is still accepted."""
        if self.role == NOBODY:
            return True
        path = "/api/tickets" if self.role == KEY else "/api/me"
        url = self.stack.url + path
        return requests.get(url, headers=self.headers, timeout=TIMEOUT_SECONDS).status_code != 401

    def _ask(self, path: str, body: object) -> dict[str, str]:
        answer = requests.post(self.stack.url + path, json=body, headers=self.headers, timeout=TIMEOUT_SECONDS)
        assert answer.ok, answer.text
        found: dict[str, str] = answer.json()
        return found


def callers(stack: Stack, roles: tuple[str, ...] = ROLES) -> list[Caller]:
    """Return a caller of each role, in a company that has some tickets."""
    made = [Caller(stack, role) for role in roles]
    # The first person of a company is an admin.
    for caller in [Caller(stack, ADMIN), *made]:
        caller.renew()
    for number in range(TICKETS):
        ticket = {"title": f"Cannot print {number}", "description": "The printer on floor 3 is silent."}
        requests.post(f"{stack.url}/api/tickets", json=ticket, headers=made[0].headers, timeout=TIMEOUT_SECONDS)
    return made


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
