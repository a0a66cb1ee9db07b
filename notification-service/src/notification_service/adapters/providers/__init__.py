"""The providers that send mails by webhook: how each wraps a mail, and how it proves that it is the sender."""

from collections.abc import Mapping

from notification_service.adapters.providers import generic, mailgun, postmark, sendgrid
from notification_service.domain.mailbox import Provider
from notification_service.ports import MailProvider

PROVIDERS: Mapping[str, MailProvider] = {
    Provider.GENERIC: generic.Generic(),
    Provider.MAILGUN: mailgun.Mailgun(),
    Provider.POSTMARK: postmark.Postmark(),
    Provider.SENDGRID: sendgrid.SendGrid(),
}
