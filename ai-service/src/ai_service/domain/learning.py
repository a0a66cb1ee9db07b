"""When a company's model is trained, and what there may not be."""


class RunOpen(Exception):
    """A training of this company waits or is under way."""


class RunNotFound(Exception):
    """The company has no such run."""


class ModelNotFound(Exception):
    """The company has no such model."""


class NothingServes(Exception):
    """No trained model serves this company."""


class TicketUnread(Exception):
    """Nothing was said about such a ticket of the company."""


def due(analyses: int, threshold: int) -> bool:
    """Tell whether so many tickets were read that a training should be asked for."""
    return analyses >= threshold
