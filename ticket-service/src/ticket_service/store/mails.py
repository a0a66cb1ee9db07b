"""Mails that became tickets and comments, and the files that are fetched for them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from ticket_service.domain.comments import Comment
from ticket_service.domain.mail import CommentMail, MailAuthor, MissingFile, ReceivedMail, message_key
from ticket_service.domain.ticket import Ticket

FETCHING = "it is being fetched"
_ADD = text("""
    insert into mails (company_id, mail_id, message_key, ticket_id, comment_id, sender, is_participant, is_automatic,
        whole_text, received_at)
    values (:company, :mail, :key, :ticket, :comment, :sender, :participant, :automatic, :whole_text, :received_at)
""")
_ADD_FILE = text("""
    insert into mail_files (company_id, mail_id, position, name, comment_id)
    values (:company, :mail, :position, :name, :comment)
""")
# Index: mails_by_message.
_BY_MESSAGE = text("""
    select distinct on (message_key) message_key, ticket_id from mails
    where company_id = :company and message_key = any(:keys) order by message_key, mail_id desc
""")
_OF_NOTES = text("""
    select distinct on (m.message_key) m.message_key, coalesce(c.internal, false) as internal from mails m
    left join comments c on c.company_id = m.company_id and c.id = m.comment_id
    where m.company_id = :company and m.message_key = any(:keys) and m.ticket_id = :ticket
    order by m.message_key, m.mail_id desc
""")
# Index: mails_of_ticket.
_HAS_WRITTEN = text("""
    select exists (
        select from mails
        where company_id = :company and ticket_id = :ticket and sender = :sender and is_participant and not is_automatic
    )
""")
# Indexes: mails_of_comment, mail_files_of_comment.
_OF_COMMENTS = text("""
    select comment_id, sender, is_participant, is_automatic, whole_text from mails
    where company_id = :company and comment_id = any(:comments)
""")
_MISSING = text("""
    select comment_id, name, state, reason from mail_files
    where company_id = :company and comment_id = any(:comments) and state <> 'stored' order by mail_id, position
""")
_DUE = text('select company_id, mail_id, "position" from due_mail_files(:most)')
_FILE = text("""
    select f.mail_id, f.position, f.name, f.comment_id, f.attempts, c.ticket_id, c.author
    from mail_files f join comments c on c.company_id = f.company_id and c.id = f.comment_id
    where f.company_id = :company and f.mail_id = :mail and f.position = :position and f.state = 'waiting'
""")
_LOCK = text("""
    select position from mail_files
    where company_id = :company and mail_id = :mail and position = :position and state = 'waiting' for update
""")
_END = text("""
    update mail_files set state = :state, reason = :reason
    where company_id = :company and mail_id = :mail and position = :position and state = 'waiting'
""")
_POSTPONE = text("""
    update mail_files set attempts = attempts + 1, next_try_at = clock_timestamp() + make_interval(secs => :seconds)
    where company_id = :company and mail_id = :mail and position = :position and state = 'waiting'
""")


@dataclass(frozen=True)
class WaitingFile:
    """A file of a mail that is to be fetched, for a comment and by its author."""

    company_id: int
    mail_id: int
    position: int
    name: str
    comment_id: int
    attempts: int
    ticket_id: int
    author: str

    @property
    def key(self) -> dict[str, int]:
        """Return the key of the row."""
        return {"company": self.company_id, "mail": self.mail_id, "position": self.position}


def add(
    session: Session, mail: ReceivedMail, ticket: Ticket, comment: Comment | None, author: MailAuthor,
    whole_text: str | None,
) -> None:  # fmt: skip
    """Store what became of a mail."""
    values = {
        "company": ticket.company_id,
        "mail": mail.mail_id,
        "key": None if mail.message_id is None else message_key(mail.message_id),
        "ticket": ticket.id,
        "comment": comment.id if comment else None,
        "sender": mail.sender_email,
        "participant": author.is_participant,
        "automatic": mail.automatic,
        "whole_text": whole_text,
        "received_at": mail.received,
    }
    session.execute(_ADD, values)


def add_files(session: Session, mail: ReceivedMail, comment: Comment) -> None:
    """Let the files of a mail be fetched for a comment."""
    rows = [
        {"company": comment.company_id, "mail": mail.mail_id, "position": each["position"], "name": each["name"],
         "comment": comment.id}
        for each in mail.files
    ]  # fmt: skip
    if rows:
        session.execute(_ADD_FILE, rows)


def tickets_of(session: Session, company_id: int, message_ids: Sequence[str]) -> list[int]:
    """Return the tickets of mails by their Message-IDs, in the order of these."""
    keys = [message_key(each) for each in message_ids]
    rows = session.execute(_BY_MESSAGE, {"company": company_id, "keys": keys})
    found = {bytes(row.message_key): row.ticket_id for row in rows}
    return [found[key] for key in keys if key in found]


def answers_note(session: Session, ticket: Ticket, message_ids: Sequence[str]) -> bool:
    """Return whether the first known of these Message-IDs is a mail that became an internal note of the ticket."""
    keys = [message_key(each) for each in message_ids]
    rows = session.execute(_OF_NOTES, {"company": ticket.company_id, "ticket": ticket.id, "keys": keys})
    found = {bytes(row.message_key): row.internal for row in rows}
    return next((found[key] for key in keys if key in found), False)


def has_written(session: Session, ticket: Ticket, sender: str) -> bool:
    """Return whether an address has taken part in a ticket by mail."""
    values = {"company": ticket.company_id, "ticket": ticket.id, "sender": sender}
    return bool(session.execute(_HAS_WRITTEN, values).scalar_one())


def of_comments(session: Session, company_id: int, comment_ids: Sequence[int]) -> dict[int, CommentMail]:
    """Return the mails that comments came by, by the comment's id."""
    values = {"company": company_id, "comments": list(comment_ids)}
    missing: defaultdict[int, list[MissingFile]] = defaultdict(list)
    for row in session.execute(_MISSING, values):
        missing[row.comment_id].append(MissingFile(row.name, row.reason or FETCHING))
    return {
        row.comment_id: CommentMail(
            row.sender, row.is_participant, row.is_automatic, row.whole_text, missing[row.comment_id]
        )
        for row in session.execute(_OF_COMMENTS, values)
    }


def forget_text(session: Session, comment: Comment) -> None:
    """Delete the text and the files of the mail that a comment came by."""
    values = {"company": comment.company_id, "comment": comment.id}
    session.execute(
        text("update mails set whole_text = null where company_id = :company and comment_id = :comment"), values
    )
    session.execute(text("delete from mail_files where company_id = :company and comment_id = :comment"), values)


def due_files(session: Session, most: int) -> list[tuple[int, int, int]]:
    """Return up to `most` files of all companies that wait, by company, mail and position."""
    return [(row.company_id, row.mail_id, row.position) for row in session.execute(_DUE, {"most": most})]


def waiting_file(session: Session, company_id: int, mail_id: int, position: int) -> WaitingFile | None:
    """Return a file that waits, None where it doesn't any more."""
    values = {"company": company_id, "mail": mail_id, "position": position}
    row = session.execute(_FILE, values).one_or_none()
    return None if row is None else WaitingFile(company_id, **row._mapping)


def lock_file(session: Session, file: WaitingFile) -> bool:
    """Lock a file; return False where another process has stored it meanwhile."""
    return session.execute(_LOCK, file.key).first() is not None


def end_file(session: Session, file: WaitingFile, *, refused: str = "") -> None:
    """Mark a file as stored, or as refused with a reason."""
    session.execute(_END, {**file.key, "state": "refused" if refused else "stored", "reason": refused})


def postpone_file(session: Session, file: WaitingFile, seconds: int) -> None:
    """Let a file wait after a fetch that failed."""
    session.execute(_POSTPONE, {**file.key, "seconds": seconds})
