"""Let a parked mail be read again."""

from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from notification_service.domain.inbound import InboundMail, MailNotFound, MailState, NotParked
from notification_service.store import inbound_mails


def retry_mail(
    session: Session, company_id: int, mail_id: int, *, idempotency_key: IdempotencyKey[InboundMail]
) -> InboundMail:
    """Return the mail, which waits for its reading; raise MailNotFound, NotParked, Replayed."""
    with session.begin():
        idempotency_key.claim(session)
        before = inbound_mails.find(session, company_id, mail_id, lock=True)
        if before is None:
            raise MailNotFound(mail_id)
        if before.state is not MailState.PARKED:
            raise NotParked(f"the mail {mail_id} is {before.state}")
        inbound_mails.retry(session, company_id, mail_id)
        after = inbound_mails.find(session, company_id, mail_id)
        assert after is not None
        idempotency_key.store(session, after)
    return after
