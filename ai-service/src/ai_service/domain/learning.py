"""When a company's model is trained, and what there may not be."""

from dataclasses import dataclass

BY_THRESHOLD = "threshold"
"""Asks for the runs that nobody asked for: enough texts were read."""


class RunOpen(Exception):
    """A training of this company waits or is under way."""


class RunNotFound(Exception):
    """The company has no such run."""


class ExportNotFound(Exception):
    """The run left no export, or it is there no more."""


class ModelNotFound(Exception):
    """The company has no such model."""


class NothingServes(Exception):
    """No trained model serves this company."""


class TicketUnread(Exception):
    """Nothing was said about such a ticket of the company."""


@dataclass(frozen=True)
class FineTuning:
    """From how many labels on encoders are fine-tuned (0: never), and for how long at most."""

    fewest: int
    seconds: float

    def due(self, labels: int) -> bool:
        """Tell whether so many labels are enough."""
        return 0 < self.fewest <= labels

    @property
    def why_not(self) -> str:
        """Say why with fewer labels there is none."""
        return f"it begins at {self.fewest} labels" if self.fewest else "it is switched off"


def due(analyses: int, added: int, threshold: int) -> bool:
    """Tell whether to look for something to learn, now that `added` texts more make it `analyses` since the last run.

    From the threshold on once in every tenth of it: where nobody has decided anything, looking for each ticket would
    only make all of them slower.
    """
    past, step = analyses - threshold, max(threshold // 10, 1)
    return past >= 0 and past // step > (past - added) // step
