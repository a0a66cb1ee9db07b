"""The objects that request handlers and consumers share, built once per process."""

from dataclasses import dataclass

from service_kit.database.engine import Database

from ai_service.adapters.export.files import ExportFiles
from ai_service.adapters.local.evaluator import Evaluator
from ai_service.adapters.local.model import LocalModel
from ai_service.adapters.local.trainer import Trainer
from ai_service.metrics import AiMetrics
from ai_service.usecases.categorize import Categorizer
from ai_service.usecases.explain import Explainer


@dataclass(frozen=True)
class Dependencies:
    """The dependencies of this service: `g.deps` in request handlers."""

    database: Database
    metrics: AiMetrics
    categorizer: Categorizer
    explainer: Explainer
    local: LocalModel | None
    exports: ExportFiles
    trainer: Trainer
    evaluator: Evaluator
    training_threshold: int
    """The number of analyses after which a training is requested, if there are new labels."""
    evaluation_rows: int
    """The maximum number of rows of a file to evaluate on."""
