"""Errors of the knowledge; service.py maps them to HTTP statuses."""


class DocumentNotFound(Exception):
    """The company has no such document."""


class OtherCompany(Exception):
    """The body names a company that isn't the caller's."""


class ConversationNotFound(Exception):
    """The caller has no such conversation."""


class ApprovedAnswerNotFound(Exception):
    """The company has no such approved answer."""


class TooManyApproved(Exception):
    """The company has as many approved answers as are compared with a question."""


class QuestionNotFound(Exception):
    """The company has no such question."""


class TooManyQuestions(Exception):
    """The company has as many saved questions as are asked in an evaluation."""


class TooFewQuestions(Exception):
    """The company has saved fewer questions than a tuning takes."""


class NoRebuild(Exception):
    """The company's vectors were never rebuilt."""


class InvalidExternalEvent(Exception):
    """An external producer's event is invalid."""
