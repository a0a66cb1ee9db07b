"""How many invitations a company makes, and how many mails an address gets, on a real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from service_kit.identity import AGENT

from ..conftest import Api, People, Published, Rows

BEN = {"email": "ben@acme.example", "role": AGENT}

Earlier = Callable[[int, str], None]


@pytest.fixture
def earlier(rows: Rows) -> Earlier:
    """Give a function that stores accepted invitations of the demo company which are `age` old."""

    def store(number: int, age: str) -> None:
        rows(
            "insert into invitations (company_id, email, email_key, role, token_hash, invited_by, created_at,"
            " expires_at, accepted_at) select 1, n || '@x.example', sha256(gen_random_uuid()::text::bytea), 'agent',"
            " sha256(gen_random_uuid()::text::bytea), 'x', now() - %s::interval, now() + interval '1 day', now()"
            " from generate_series(1, %s) n returning id",
            age,
            number,
        )

    return store


def invite(api: Api, email: str = BEN["email"], **headers: str) -> Any:
    """Invite an address and return the answer."""
    return api.call("POST", "/api/invitations", BEN | {"email": email}, **headers)


def invite_anew(api: Api) -> Any:
    """Invite an address, revoke that at once, and return the answer."""
    answer = invite(api)
    if answer.status_code == 201:
        assert api.call("DELETE", f"/api/invitations/{answer.json['id']}").status_code == 204
    return answer


def test_open_invitations_are_limited(api: Api, earlier: Earlier, rows: Rows) -> None:
    earlier(500, "25 hours")
    rows("update invitations set accepted_at = null returning id")
    full = invite(api)
    assert (full.status_code, full.json["code"]) == (409, "too_many_invitations")
    assert len(api.every("/api/invitations?limit=100")) == 500


@pytest.mark.parametrize(
    ("number", "age", "detail", "seconds"),
    [(50, "50 minutes", "50 addresses an hour", 600), (200, "23 hours", "200 addresses a day", 3600)],
)
def test_a_company_invites_so_many_addresses_an_hour_and_a_day(
    api: Api, app: Flask, earlier: Earlier, number: int, age: str, detail: str, seconds: int
) -> None:
    earlier(number - 1, age)
    assert invite(api, Idempotency_Key="k").status_code == 201
    refused = invite(api, "cem@acme.example")
    assert (refused.status_code, refused.json["code"]) == (429, "invitations_used_up")
    assert detail in refused.json["detail"]
    assert seconds - 300 < int(refused.headers["Retry-After"]) <= seconds
    assert invite(api, Idempotency_Key="k").status_code == 201  # the same answer, not another invitation
    assert invite(Api(app.test_client(), company=2), "cem@acme.example").status_code == 201


def test_older_invitations_count_no_more(api: Api, earlier: Earlier) -> None:
    earlier(100, "25 hours")
    earlier(60, "61 minutes")
    assert invite(api).status_code == 201


def test_parallel_invitations_do_not_pass_the_limit(api: Api, earlier: Earlier) -> None:
    earlier(48, "1 minute")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda number: invite(api, f"{number}@acme.example").status_code, range(6)))
    assert sorted(answers) == [201] * 2 + [429] * 4


def test_a_company_invites_an_address_three_times_a_day(api: Api, published: Published, rows: Rows) -> None:
    assert [invite_anew(api).status_code for _ in range(4)] == [201, 201, 201, 429]
    assert "an address at most 3 times a day" in invite(api).json["detail"]
    assert len(published("user.invited")) == 3
    assert invite(api, "cem@acme.example").status_code == 201
    rows("update invitations set created_at = created_at - interval '1 day' returning id")
    assert invite(api).status_code == 201


def test_an_address_gets_three_mails_a_day_of_all_companies_and_no_answer_reveals_the_others(
    app: Flask, published: Published, api: Api
) -> None:
    companies = [Api(app.test_client(), company=number) for number in range(1, 6)]
    assert [invite(each).status_code for each in companies] == [201] * 5
    assert [event["company_id"] for event in published("user.invited")] == [1, 2, 3]
    assert invite(companies[4], "cem@acme.example").status_code == 201
    assert len(published("user.invited")) == 4


def test_refused_invitations_use_up_no_mails_of_the_address(app: Flask, api: Api, published: Published) -> None:
    assert invite(api).status_code == 201
    assert [invite(api).status_code for _ in range(5)] == [409] * 5
    assert [invite(Api(app.test_client(), company=number)).status_code for number in (2, 3, 4)] == [201] * 3
    assert [event["company_id"] for event in published("user.invited")] == [1, 2, 3]


def test_the_event_names_the_inviter_by_an_address_alone_that_a_mailed_token_has_proved(
    people: People, app: Flask, published: Published
) -> None:
    people.found()
    ada = people.as_caller(people.log_in().json["access_token"])
    mails = Api(app.test_client(), ada.company, "service", "notification-service")
    user = ada.subject.partition(":")[2]

    def confirm(by: Api, path: str, **body: Any) -> None:
        asked = {"email": "ada@acme.example", "password": People.PASSWORD}
        assert ada.call("POST", "/api/me/email", asked).status_code == 202
        token = by.call("POST", path, body or None).json["token"]
        assert people.post("/api/auth/email/confirm", {"token": token}).status_code == 204

    def inviter(number: int) -> Any:
        assert invite(ada, f"{number}@x.example").status_code == 201
        return published("user.invited")[-1]["inviter_email"]

    assert inviter(1) is None
    confirm(ada, f"/api/users/{user}/email-verification")  # a founder is an admin and gets the token without any mail
    assert ada.get("/api/me")["email_verified"]
    assert inviter(2) is None
    confirm(mails, f"/internal/users/{user}/email-verification", email="ada@acme.example")
    assert inviter(3) == "ada@acme.example"


def test_an_invited_person_proves_the_address_by_joining_with_the_mailed_token(
    people: People, app: Flask, api: Api, rows: Rows
) -> None:
    mails = Api(app.test_client(), 1, "service", "notification-service")
    for name, is_mailed in (("ben", True), ("cem", False)):
        issued = invite(api, f"{name}@acme.example").json
        mailed = mails.call("POST", f"/internal/invitations/{issued['id']}/token").json["token"]
        body = {"email": f"{name}@acme.example", "username": name, "password": People.PASSWORD}
        joined = people.post("/api/auth/register", body | {"invitation": mailed if is_mailed else issued["token"]})
        assert joined.status_code == 201
    proven = "select u.username from users u join proven_addresses p on p.user_id = u.id and p.email_key = u.email_key"
    assert rows(proven) == [("ben",)]
