"""When a company's model is trained, and the errors of trainings and models."""

from dataclasses import dataclass

BY_THRESHOLD = "threshold"
"""`requested_by` of the trainings that no person requested: enough texts were analyzed."""


class TrainingInProgress(Exception):
    """A training of this company is waiting or running."""


class TrainingNotFound(Exception):
    """The company has no such training."""


class ExportNotFound(Exception):
    """The training has no export, or no longer."""


class ModelNotFound(Exception):
    """The company has no such model."""


class NoServingModel(Exception):
    """No trained model serves this company."""


class PredictionNotFound(Exception):
    """There is no prediction for such a ticket of the company."""


@dataclass(frozen=True)
class FineTuning:
    """From how many labels on encoders are fine-tuned (0: never), and for how many seconds at most."""

    min_labels: int
    seconds: float

    def is_due(self, labels: int) -> bool:
        """Return whether so many labels are enough."""
        return 0 < self.min_labels <= labels

    @property
    def skip_reason(self) -> str:
        """Return why there is no fine-tuning with fewer labels."""
        return f"it begins at {self.min_labels} labels" if self.min_labels else "it is switched off"


def is_due(analyses: int, added: int, threshold: int) -> bool:
    """Return whether to look for new labels, now that `added` texts make it `analyses` since the last training.

    From the threshold on, once per tenth of it: a look per ticket would slow down every ticket of a company whose
    people correct nothing.
    """
    past, step = analyses - threshold, max(threshold // 10, 1)
    return past >= 0 and past // step > (past - added) // step
