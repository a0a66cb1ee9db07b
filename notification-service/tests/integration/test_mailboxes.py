"""Mailboxes: added by admins, their secrets shown once or never."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from notification_service.domain.mailbox import BadMailbox, Provider, check

from ..conftest import Api, Rows
from ..mails import SendGridKey

IMAP = {"provider": "imap", "host": "imap.company.example", "username": "desk", "secret": "correct horse"}


RSA_KEY = base64.b64encode(
    rsa.generate_private_key(65537, 1024).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()


def add(api: Api, **changes: Any) -> Any:
    return api.call("POST", "/api/mailboxes", {"address": "Desk@Company.example", "provider": "generic"} | changes)


def test_a_secret_that_is_made_here_is_shown_once(api: Api, rows: Rows) -> None:
    made = add(api).json
    assert made["address"] == "desk@company.example"
    assert made["secret"].startswith("whsec_")
    assert made["webhook_path"] == "/webhooks/email/inbound/generic"
    shown = api.call("GET", f"/api/mailboxes/{made['id']}")
    assert made["secret"] not in shown.text + api.call("GET", "/api/mailboxes").text
    assert made["secret"].encode() not in bytes(rows("select secret_sealed from mailboxes")[0][0])
    assert made["secret"] not in str(rows("select * from audit")) + str(rows("select * from idempotency_keys"))


def test_a_repeated_request_shows_the_same_secret_which_stands_sealed(api: Api, rows: Rows) -> None:
    first, second = (
        api.call("POST", "/api/mailboxes", {"address": "a@b.example", "provider": "postmark"}, Idempotency_Key="k")
        for _ in range(2)
    )
    assert first.json == second.json
    assert first.json["secret"] not in str(rows("select * from idempotency_keys"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"provider": "pigeon"}, "provider"),
        ({"provider": "mailgun"}, "secret"),
        ({"secret": "mine"}, "secret"),
        ({"host": "x.example"}, "host"),
        (IMAP | {"host": None}, "host"),
        (IMAP | {"host": "169.254.169.254"}, "host"),
        (IMAP | {"host": "::ffff:169.254.169.254"}, "host"),
        (IMAP | {"username": None}, "username"),
        (IMAP | {"secret": None}, "secret"),
        (IMAP | {"port": 0}, "port"),
        ({"address": "nobody"}, "address"),
        ({"folder": "a\nb"}, "folder"),
        (IMAP | {"security": "ssl3"}, "security"),
        ({"security": "starttls"}, "security"),
        ({"provider": "sendgrid", "secret": "no key"}, "secret"),
        ({"provider": "sendgrid", "secret": "bm8ga2V5"}, "secret"),
        ({"provider": "sendgrid", "secret": "-----BEGIN PUBLIC KEY----- bm8ga2V5 -----END PUBLIC KEY-----"}, "secret"),
        ({"provider": "sendgrid", "secret": RSA_KEY}, "secret"),
        ({"provider": "mailgun", "secret": "a key with blanks"}, "secret"),
        ({"provider": "mailgun", "secret": "short"}, "secret"),
        ({"provider": "postmark", "secret": "mine"}, "secret"),
    ],
)
def test_a_mailbox_that_cannot_work_is_refused_by_its_field(api: Api, changes: dict[str, Any], field: str) -> None:
    answer = add(api, **changes)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, field)


def test_an_address_is_there_once_per_company(api: Api) -> None:
    assert add(api).status_code == 201
    assert (add(api).status_code, add(api).json["code"]) == (409, "mailbox_exists")
    assert add(Api(api.client, company=2)).status_code == 201


def test_a_mailbox_of_imap_has_its_defaults_and_never_shows_its_password(api: Api) -> None:
    made = add(api, **IMAP).json
    assert (made["port"], made["folder"], made["webhook_path"], made["secret"]) == (993, "INBOX", None, None)


def test_a_secret_is_replaced_and_a_mailbox_deleted(api: Api) -> None:
    made = add(api).json
    path = f"/api/mailboxes/{made['id']}"
    replaced = api.call("PATCH", path, {"secret": None}, If_Match='"1"')
    assert replaced.json["secret"] not in (None, made["secret"])
    assert api.call("PATCH", path, {"secret": None}, If_Match='"1"').status_code == 412
    assert api.call("PATCH", path, {"secret": "mine"}).status_code == 400
    assert api.call("PATCH", path, {"is_active": True}).json["version"] == 2
    assert api.call("DELETE", path).status_code == 204
    assert api.call("GET", path).status_code == 404


def test_another_host_needs_the_password_again(api: Api) -> None:
    path = f"/api/mailboxes/{add(api, **IMAP).json['id']}"
    refused = api.call("PATCH", path, {"host": "evil.example"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "secret")
    assert api.call("PATCH", path, {"host": "other.example", "secret": "again"}).status_code == 200


def test_a_mailbox_moves_to_no_forbidden_address(api: Api) -> None:
    path = f"/api/mailboxes/{add(api, **IMAP).json['id']}"
    refused = api.call("PATCH", path, {"host": "169.254.169.254", "secret": "again"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "host")


def test_a_secret_that_is_replaced_is_checked_as_a_new_one(api: Api) -> None:
    made = add(api, provider="sendgrid", secret=SendGridKey().public).json
    path = f"/api/mailboxes/{made['id']}"
    refused = api.call("PATCH", path, {"secret": "bm8ga2V5"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "secret")
    assert api.call("PATCH", path, {"secret": SendGridKey().public}).status_code == 200


def test_the_port_follows_from_the_security(api: Api) -> None:
    for security, port in (("tls", 993), ("starttls", 143)):
        made = add(api, **IMAP, address=f"{security}@company.example", security=security).json
        assert (made["security"], made["port"]) == (security, port)
    assert add(api).json["security"] is None


def test_a_connection_without_encryption_needs_the_password_again(api: Api) -> None:
    path = f"/api/mailboxes/{add(api, **IMAP).json['id']}"
    refused = api.call("PATCH", path, {"security": "none"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "secret")
    assert api.call("PATCH", path, {"security": "starttls"}).json["security"] == "starttls"


def test_no_encryption_is_refused_where_the_operator_allows_no_network() -> None:
    with pytest.raises(BadMailbox) as refused:
        check(Provider.IMAP, IMAP | {"security": "none"}, secret_given=True)
    assert refused.value.errors[0]["field"] == "security"
