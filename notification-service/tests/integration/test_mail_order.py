"""Mails that wait are taken in batches, in which the companies take turns."""

from collections.abc import Collection
from typing import Any

import pytest
from notification_service.domain.mail.message import ReadingInterrupted
from notification_service.domain.mail.read_mail import Reading
from notification_service.store import mail_reading
from notification_service.usecases import take_mail
from notification_service.usecases.conclude_mails import Conclusions
from notification_service.usecases.take_mail import Intake, take_next
from service_kit.database.engine import Database

from ..conftest import Api, Rows
from ..mails import Sender, mail
from .test_inbound_mails import add_mailbox, intake, published, take_all

__all__ = ["intake"]


def of_company(api: Api, number: int) -> Sender:
    other = Api(api.client, company=number)
    return Sender(other, add_mailbox(other)["secret"])


def with_batch(intake: Intake, batch: int) -> Intake:
    return Intake(intake.database, intake.reader, intake.tags, intake.sender, intake.automatic_per_hour, batch)


def test_one_mail_of_a_company_does_not_wait_for_the_flood_of_another(
    api: Api, intake: Intake, rows: Rows, database: Database
) -> None:
    flood = of_company(api, 1)
    for number in range(12):
        flood.generic(mail(f"flood {number}"))
    for company in (2, 3):
        of_company(api, company).generic(mail(f"one of {company}"))
    with database.session() as session, session.begin():
        order = [each.company_id for each in mail_reading.waiting(session, 6)]
    assert order == [1, 2, 3, 1]
    take_next(with_batch(intake, 3))
    assert sorted(rows("select company_id from inbound_mails where state = 'published'")) == [(1,), (2,), (3,)]
    take_all(intake)
    texts = [event["text"] for event in published(rows)]
    assert sorted(texts) == sorted([f"flood {n}" for n in range(12)] + ["one of 2", "one of 3"])


def test_a_batch_is_concluded_with_the_rules_of_single_mails(api: Api, intake: Intake, rows: Rows) -> None:
    sender, other = of_company(api, 1), of_company(api, 2)
    same = mail("same")
    sender.generic(same)
    sender.generic(b"X-Spam: no\r\n" + same)
    other.generic(same)
    sender.generic(b"no mail at all")
    for number in range(intake.automatic_per_hour + 2):
        sender.generic(mail(f"I am away {number}", Auto_Submitted="auto-replied"))
    assert take_next(intake)
    assert not take_next(intake)
    states = rows("select company_id, state, count(*) from inbound_mails group by 1, 2 order by 1, 2")
    assert states == [
        (1, "duplicate", 1), (1, "parked", 3), (1, "published", 1 + intake.automatic_per_hour), (2, "published", 1),
    ]  # fmt: skip
    assert len(published(rows)) == 2 + intake.automatic_per_hour


def test_a_mail_that_cannot_be_concluded_holds_up_no_other(
    api: Api, intake: Intake, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = of_company(api, 1)
    for name in ("one", "bad", "two"):
        sender.generic(mail(name, subject=name))
    whole = Conclusions._outcome

    def failing(self: Conclusions, *arguments: Any) -> Any:
        if arguments[2].mail.subject == "bad":
            raise ValueError
        return whole(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(Conclusions, "_outcome", failing)
        take_next(intake)
    assert [event["text"] for event in published(rows)] == ["one", "two"]
    rows("update inbound_mails set claimed_until = now() returning id")
    take_all(intake)
    assert len(published(rows)) == 3


def test_a_batch_that_takes_too_long_is_given_back(
    api: Api, intake: Intake, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = of_company(api, 1)
    for number in range(3):
        sender.generic(mail(f"mail {number}"))
    with monkeypatch.context() as patched:
        patched.setattr(take_mail, "MAX_BATCH_SECONDS", -1)
        take_next(intake)
    assert rows("select state, attempts, claimed_until from inbound_mails") == [("stored", 0, None)] * 3
    take_all(intake)
    assert len(published(rows)) == 3


def test_a_mail_whose_readers_are_killed_is_read_later(
    api: Api, intake: Intake, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = of_company(api, 1)
    for name in ("one", "two"):
        sender.generic(mail(name))
    whole = intake.reader.read

    def killed(raw: bytes, own: Collection[str]) -> Reading:
        if b"two" in raw:
            raise ReadingInterrupted("3 processes that read it were ended")
        return whole(raw, own)

    with monkeypatch.context() as patched:
        patched.setattr(intake.reader, "read", killed)
        take_all(intake)
    assert [event["text"] for event in published(rows)] == ["one"]
    assert rows("select attempts from inbound_mails where state = 'stored' and claimed_until > now()") == [(1,)]
    rows("update inbound_mails set claimed_until = now() where state = 'stored' returning id")
    take_all(intake)
    assert [event["text"] for event in published(rows)] == ["one", "two"]


def test_a_batch_has_a_limit_of_bytes(api: Api, intake: Intake, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_reading, "MAX_CLAIMED_BYTES", 1_000)
    sender = of_company(api, 1)
    for number in range(3):
        sender.generic(mail(f"mail {number}", files={"a.bin": b"x" * 2_000}))
    take_next(intake)
    assert len(published(rows)) == 1
    take_all(intake)
    assert len(published(rows)) == 3
