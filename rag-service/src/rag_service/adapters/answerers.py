"""Builds the answerer of each company: with Claude if there is a key and the company's budget allows it."""

from dataclasses import dataclass
from functools import partial

from model_kit.claude.client import Claude
from model_kit.local import LocalEncoder
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner

from rag_service.adapters.answer_encoder import answer_encoder, scores
from rag_service.adapters.budget import Budget
from rag_service.adapters.cache import KnowledgeCache
from rag_service.adapters.claude.writer import ClaudeWriter
from rag_service.adapters.embedder import Embedder
from rag_service.adapters.multilingual import MultilingualEncoder, multilingual_encoder
from rag_service.domain.answering.approved import ApprovedCandidate
from rag_service.settings import Settings
from rag_service.usecases.answer import Answerer
from rag_service.usecases.answer_options import Options
from rag_service.usecases.retrieve import Retriever
from rag_service.usecases.writer import Writer

BUDGET_SECONDS = 1.0


@dataclass(frozen=True)
class Answerers:
    """Creates the answerers of all companies."""

    embedder: Embedder
    multilingual: MultilingualEncoder | None
    reading: LocalEncoder
    """Was taught which sentence answers."""
    writer: Writer | None
    budget: Budget
    knowledge: KnowledgeCache
    options: Options

    @classmethod
    def from_settings(cls, settings: Settings, embedder: Embedder, knowledge: KnowledgeCache) -> "Answerers":
        """Create them from the settings; connects to nothing."""
        ai_service = ServiceClient("ai-service", settings.ai_service_url, deadline_seconds=BUDGET_SECONDS)
        claude = settings.claude
        writer = ClaudeWriter(Claude.from_settings(claude), claude.model) if claude.api_key else None
        options = Options(
            retrieved=settings.retrieve_k,
            used=settings.top_k,
            min_cosine=settings.approved_cosine,
            min_score=settings.min_score,
            rerank=settings.rerank,
        )
        budget = Budget(ai_service, TokenSigner(settings.service, settings.signing_key), settings.service)
        return cls(embedder, multilingual_encoder(), answer_encoder(), writer, budget, knowledge, options)

    def answerer(self, company_id: int, retriever: Retriever) -> Answerer:
        """Return the company's answerer, which uses the passages that `retriever` finds."""
        encoder = self.embedder.ready_encoder()
        return Answerer(
            partial(retriever.retrieve, company_id),
            self.embedder.embed if encoder else None,
            self.writer if self.writer is not None and self.budget.allows(company_id) else None,
            approved=partial(self._approved, company_id),
            options=self.options,
            knows=encoder.knows if encoder else None,
            rows_of=partial(retriever.rows_of, company_id),
            embed_others=self.multilingual.embed if encoder and self.multilingual else None,
            score=scores(self.reading.embed) if encoder and self.reading.ready() else None,
        )

    def _approved(self, company_id: int, question: str) -> list[ApprovedCandidate]:
        rows = self.embedder.embed([question])
        return self.knowledge.approved(company_id, question, rows, self.embedder.name())
