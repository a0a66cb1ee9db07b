"""Addresses below the domain of this system's programs belong to no person, on a real database."""

from typing import Any

import pytest

from ..conftest import Api, People, Rows

RESERVED = (
    "command-line@smart-ticket.internal",
    "Eve@SMART-Ticket.Internal",
    "eve@desk.smart-ticket.internal",
    "eve@\uff53mart-ticket.internal",  # a full-width s, which is an s in a domain
    "eve+work@smart\u3002smart-ticket.internal",  # an ideographic full stop, which is a dot
)


def refuses(answer: Any) -> None:
    """Expect a 400 that names the address."""
    assert answer.status_code == 400, answer.text
    assert [error["field"] for error in answer.json["errors"]] == ["email"]


@pytest.mark.parametrize("email", RESERVED)
def test_nobody_is_added_invited_or_registered_with_an_address_of_programs(
    api: Api, people: People, rows: Rows, email: str
) -> None:
    refuses(api.call("POST", "/api/users", {"email": email, "username": "Eve", "role": "agent"}))
    refuses(api.call("POST", "/api/invitations", {"email": email, "role": "agent"}))
    refuses(people.found(email))
    invited = api.call("POST", "/api/invitations", {"email": "eve@desk.example", "role": "agent"}).json["token"]
    joining = {"email": email, "username": "Eve", "password": People.PASSWORD, "invitation": invited}
    refuses(people.post("/api/auth/register", joining))
    assert rows("select count(*) from users") == [(0,)]
    assert rows("select email from invitations") == [("eve@desk.example",)]


@pytest.mark.parametrize("email", RESERVED)
def test_nobody_changes_to_an_address_of_programs(ada: Api, rows: Rows, email: str) -> None:
    refuses(ada.call("POST", "/api/me/email", {"email": email, "password": People.PASSWORD}))
    assert rows("select count(*) from email_changes") == [(0,)]


@pytest.mark.parametrize("email", ["eve@smart-ticket.internal.example", "eve@notsmart-ticket.internal"])
def test_a_domain_that_only_resembles_it_is_not_reserved(api: Api, email: str) -> None:
    assert api.call("POST", "/api/users", {"email": email, "username": "Eve", "role": "agent"}).status_code == 201
