"""Setting up, confirming and removing a second factor, over HTTP on a real database."""

from typing import Any

import pytest

from ..conftest import Api, People, Rows
from ..credentials import App, Clock, Factor, confirm, disable, enable, finish, user_id


def test_an_unconfirmed_factor_changes_nothing(people: People, ada: Api, clock: Clock) -> None:
    setup = enable(ada)
    assert setup.status_code == 200
    assert setup.json["uri"].startswith("otpauth://totp/Smart%20Ticket:ada%40acme.example?secret=")
    assert people.log_in().status_code == 200
    assert confirm(ada, "000000").status_code == 400
    assert people.log_in().status_code == 200


@pytest.mark.parametrize("code", [123456, ["123456"], {"code": "123456"}, True])
def test_codes_of_another_type_are_400(people: People, ada: Api, code: Any) -> None:
    for answer in (people.log_in(totp=code), confirm(ada, code), finish(people, "sth_", code)):
        assert answer.status_code == 400


def test_secrets_and_recovery_codes_are_not_in_the_database(factor: Factor, rows: Rows) -> None:
    app, codes = factor
    stored = str(rows("select row_to_json(t) from totp t")) + str(rows("select row_to_json(k) from idempotency_keys k"))
    assert app.secret not in stored
    assert app.secret.encode().hex() not in stored
    assert codes[0] not in stored


def test_setting_up_and_removing_need_the_password(ada: Api, factor: Factor) -> None:
    app, _ = factor
    assert enable(ada, "not her password").json["code"] == "wrong_password"
    assert disable(ada, app.next_code(), "not her password").json["code"] == "wrong_password"


def assert_not_accepted(answer: Any) -> None:
    """Assert that a code is refused by its field, and not by a 401, which clients take for the end of a session."""
    assert (answer.status_code, answer.json["code"]) == (400, "wrong_code")
    assert answer.json["errors"] == [{"field": "code", "message": "Wrong, or used before."}]


def test_a_wrong_code_confirms_nothing_and_leaves_the_session(ada: Api, clock: Clock) -> None:
    app = App(clock, enable(ada).json["secret"])
    assert_not_accepted(confirm(ada, "000000"))
    assert confirm(ada, app.next_code()).status_code == 200


def test_codes_mistyped_before_the_right_one_do_not_count_at_the_login(people: People, ada: Api, clock: Clock) -> None:
    app = App(clock, enable(ada).json["secret"])
    for code in ("000000", "000001", "000002", "000003"):
        assert_not_accepted(confirm(ada, code))
    assert confirm(ada, app.next_code()).status_code == 200
    assert people.log_in(totp="000004").status_code == 401
    assert people.log_in(totp=app.next_code()).status_code == 200


def test_an_active_factor_is_not_replaced(people: People, ada: Api, factor: Factor) -> None:
    app, _ = factor
    assert enable(ada).json["code"] == "totp_active"
    assert confirm(ada, app.next_code()).json["code"] == "totp_active"
    assert people.log_in(totp=app.next_code()).status_code == 200


def test_a_new_unconfirmed_secret_replaces_the_earlier_one(ada: Api, clock: Clock) -> None:
    first, second = App(clock, enable(ada).json["secret"]), App(clock, enable(ada).json["secret"])
    assert confirm(ada, first.next_code()).status_code == 400
    assert confirm(ada, second.next_code()).status_code == 200


def test_a_removed_factor_is_not_asked_for(people: People, ada: Api, factor: Factor) -> None:
    app, _ = factor
    assert_not_accepted(disable(ada, "000000"))
    assert disable(ada, app.next_code()).status_code == 204
    assert people.log_in().status_code == 200
    assert disable(ada, app.next_code()).json["code"] == "totp_missing"


def test_a_recovery_code_removes_the_factor(people: People, ada: Api, factor: Factor) -> None:
    assert disable(ada, factor[1][3]).status_code == 204
    assert people.log_in().status_code == 200


def test_an_admin_removes_the_factor_of_a_person_who_lost_it(people: People, ada: Api, factor: Factor) -> None:
    path = f"/api/users/{user_id(ada)}/totp"
    people.found("eve@other.example", "Other")
    eve = people.as_caller(people.log_in("eve@other.example").json["access_token"])
    assert eve.call("DELETE", path).status_code == 404
    assert Api(ada.client, ada.company, "agent", "user:99").call("DELETE", path).status_code == 403
    assert people.log_in().status_code == 401
    assert ada.call("DELETE", path).status_code == 204
    assert people.log_in().status_code == 200


def test_repeated_requests_with_a_key_get_the_first_answer(people: People, ada: Api, clock: Clock, rows: Rows) -> None:
    setups = [enable(ada, Idempotency_Key="enable") for _ in range(2)]
    assert setups[0].json == setups[1].json
    code = App(clock, setups[0].json["secret"]).next_code()
    answers = [confirm(ada, code, Idempotency_Key="confirm") for _ in range(2)]
    assert answers[0].status_code == 200
    assert answers[0].json == answers[1].json
    stored = str(rows("select row_to_json(k) from idempotency_keys k"))
    assert setups[0].json["secret"] not in stored
    assert answers[0].json["recovery_codes"][0] not in stored
