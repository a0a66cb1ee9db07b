"""Which companies mail to addresses that nobody has proved, and the settings that say so."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from notification_service.domain.delivery import Recipient, State, before_sending
from notification_service.domain.kinds import DIGEST, Kind
from notification_service.domain.mail_rules import MailRules
from notification_service.domain.preferences import Preferences
from notification_service.settings import read_mail_rules, read_settings
from service_kit.settings import BadSettings, Reader

COMMON = {"SMARTTICKET_ENV": "development", "OPERATOR_COMPANY_ID": "4"}
NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "trusted"),
    [("operator", {4}), ("none", set()), ("operator, 7", {4, 7}), ("7 9", {7, 9}), ("all", {1, 4, 7, 2**31 - 1})],
)
def test_the_setting_names_the_trusted_companies(text: str, trusted: set[int]) -> None:
    rules = read_settings(COMMON | {"NOTIFICATION_TRUSTED_COMPANIES": text}).mail_rules
    assert {each for each in (1, 4, 7, 9, 2**31 - 1) if rules.may_mail(each, is_confirmed=False)} == (
        {1, 4, 7, 9, 2**31 - 1} if text == "all" else trusted
    )
    assert all(rules.may_mail(each, is_confirmed=True) for each in (1, 4, 7))


@pytest.mark.parametrize("development", [True, False])
def test_outside_development_the_operators_company_alone_is_trusted_by_default(development: bool) -> None:
    common = replace(read_settings(COMMON), development=development)
    rules = read_mail_rules(Reader({}), common)
    assert (rules.trusts(4), rules.trusts(5)) == (True, development)


@pytest.mark.parametrize("text", ["everybody", "0", "-1", "7 all", "none 7", "²"])
def test_a_text_that_names_no_companies_stops_the_service(text: str) -> None:
    with pytest.raises(BadSettings, match="NOTIFICATION_TRUSTED_COMPANIES"):
        read_settings(COMMON | {"NOTIFICATION_TRUSTED_COMPANIES": text})


@pytest.mark.parametrize("kind", [*Kind, DIGEST, "a-type-of-the-companys-own"])
def test_no_mail_about_a_notification_goes_to_an_address_that_may_get_none(kind: str) -> None:
    recipient = Recipient("a@b.example", "agent", True, Preferences())
    facts = {"ticket_id": 1}
    then = before_sending(recipient, kind, facts, may_mail=False, is_read=False, now=NOW)
    assert (then.state, then.reason.partition(":")[0]) == (State.SUPPRESSED, "address_not_confirmed")
    assert "/api/auth/password/forgot" in then.reason


def test_a_company_without_trust_has_no_mails_to_unproved_addresses() -> None:
    rules = MailRules(frozenset(), 10)
    assert not rules.may_mail(1, is_confirmed=False)
    assert not rules.trusts(1)
