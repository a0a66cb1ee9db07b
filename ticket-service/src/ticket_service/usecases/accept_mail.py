"""Make a ticket of a mail, or a comment where it answers one, in the transaction of the event."""

from collections import defaultdict
from collections.abc import Sequence

from company_kit import deletions
from eventbus.publish import outbox
from service_kit.database.companies import after_commit
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.dependencies import Dependencies
from ticket_service.domain.comments import Comment, CommentDraft
from ticket_service.domain.errors import TicketNotFound
from ticket_service.domain.mail import (
    MailAuthor,
    ReceivedMail,
    author_of,
    comment_texts,
    description_of,
    requester_of,
    takes_part,
    text_of_files,
)
from ticket_service.domain.ticket import Draft, Ticket
from ticket_service.store import comments, mails, tickets
from ticket_service.store.comments import Writer
from ticket_service.usecases.announce_comment import announce_comment
from ticket_service.usecases.create_ticket import insert_ticket
from ticket_service.usecases.request_context import RequestContext


def accept_mail(session: Session, company_id: int, mail: ReceivedMail, cause: Cause, deps: Dependencies) -> None:
    """Store a mail as a ticket or a comment, and publish `mail.accepted`."""
    if deletions.is_marked(session, company_id):
        return
    ticket = _answered(session, company_id, mail)
    if ticket is None:
        ticket, comment = _open(session, company_id, mail, cause, deps), None
    else:
        comment = _answer(session, ticket, mail, cause)
    outbox.add(session, events.mail_accepted(mail.mail_id, ticket, comment, cause))


def lock_answered(session: Session, received: Sequence[tuple[int, ReceivedMail]]) -> None:
    """Lock the tickets that mails may answer, by company, in the order of their numbers.

    Two batches, or a batch and somebody who changes several tickets, would wait for each other without an order.
    """
    named: defaultdict[int, set[int]] = defaultdict(set)
    references: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for company_id, mail in received:
        named[company_id] |= {mail.proven_ticket_id, mail.subject_ticket_id} - {None}  # type: ignore[arg-type]
        references[company_id] |= dict.fromkeys(mail.references)
    for company_id in sorted(named):
        if references[company_id]:
            named[company_id].update(mails.tickets_of(session, company_id, list(references[company_id])))
        if named[company_id]:
            tickets.lock_all(session, company_id, sorted(named[company_id]))


def _answered(session: Session, company_id: int, mail: ReceivedMail) -> Ticket | None:
    """Return the ticket that a mail answers, locked; None where it opens one.

    What is signed comes first, then the Message-IDs of earlier mails, then the number in the subject, which counts
    for those alone who take part in the ticket.
    """
    candidates = [mail.proven_ticket_id] if mail.proven_ticket_id is not None else []
    candidates += mails.tickets_of(session, company_id, mail.references)
    for ticket_id in candidates:
        if (ticket := _lock(session, company_id, ticket_id)) is not None:
            return ticket
    if mail.subject_ticket_id is not None:
        named = _lock(session, company_id, mail.subject_ticket_id)
        if named is not None and takes_part(
            mail, named, has_written=mails.has_written(session, named, mail.sender_email)
        ):
            return named
    return None


def _lock(session: Session, company_id: int, ticket_id: int) -> Ticket | None:
    try:
        return tickets.lock(session, company_id, ticket_id)
    except TicketNotFound:
        return None


def _open(session: Session, company_id: int, mail: ReceivedMail, cause: Cause, deps: Dependencies) -> Ticket:
    owner = requester_of(mail)
    actor = f"mail:{mail.sender_email}" if owner is None else f"person:{owner}"
    draft = Draft(
        title=mail.subject,
        description=description_of(mail),
        user_name=mail.sender_name,
        user_email=mail.sender_email or None,
        customer_id=owner,
        metadata={"mail": {"mailbox": mail.mailbox, "automatic": mail.automatic}},
    )
    ticket = insert_ticket(session, deps.database, draft, RequestContext(company_id, actor, cause))
    author = author_of(mail, ticket, has_written=True)
    # Files belong to comments. The ticket was inserted by this transaction, so that nobody else has it.
    comment = _comment(session, ticket, text_of_files(mail), author, cause) if mail.files else None
    mails.add(session, mail, ticket, comment, author, None)
    if comment is not None:
        mails.add_files(session, mail, comment)
    after_commit(session, deps.metrics.count_created)
    return ticket


def _answer(session: Session, ticket: Ticket, mail: ReceivedMail, cause: Cause) -> Comment:
    author = author_of(mail, ticket, has_written=mails.has_written(session, ticket, mail.sender_email))
    shown, whole = comment_texts(mail)
    internal = mail.internal or mails.answers_note(session, ticket, mail.references)
    comment = _comment(session, ticket, shown, author, cause, internal=internal)
    mails.add(session, mail, ticket, comment, author, whole)
    mails.add_files(session, mail, comment)
    return comment


def _comment(
    session: Session, ticket: Ticket, text: str, author: MailAuthor, cause: Cause, *, internal: bool = False
) -> Comment:
    writer = Writer(author.actor, author.kind, cause, "")
    comment = comments.add(session, ticket, CommentDraft(text, internal=internal), 0, writer)
    announce_comment(session, ticket, comment, cause)
    return comment
