"""Open a mail, or one of its files: the mail is read again for it, outside of any transaction."""

from sqlalchemy.orm import Session

from notification_service.domain.inbound import MailFileNotFound, MailNotFound
from notification_service.domain.mail.message import Unreadable
from notification_service.ports import MailReader
from notification_service.store import inbound_mails


def open_mail(session: Session, company_id: int, mail_id: int) -> bytes:
    """Return a mail as it arrived; raise MailNotFound."""
    with session.begin():
        raw = inbound_mails.content(session, company_id, mail_id)
    if raw is None:
        raise MailNotFound(mail_id)
    return raw


def open_mail_file(session: Session, reader: MailReader, company_id: int, mail_id: int, position: int) -> bytes:
    """Return the content of a file; raise MailNotFound, MailFileNotFound."""
    raw = open_mail(session, company_id, mail_id)
    try:
        return reader.file(raw, position)
    except Unreadable as error:
        raise MailFileNotFound(f"the mail {mail_id} has no file {position}: {error}") from error
