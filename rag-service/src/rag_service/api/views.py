"""JSON views of passages, sources and steps."""

from typing import Any

from marshmallow import Schema, fields

from rag_service.domain.answering.citation import Source
from rag_service.domain.passage import Passage


class PassageView(Schema):
    """A passage of a document."""

    score = fields.Float(required=True, metadata={"description": "0 to 1, comparable between questions"})
    text = fields.String(required=True)
    source_type = fields.String(required=True)
    source_id = fields.String(required=True)
    chunk_id = fields.UUID(required=True)
    metadata = fields.Dict(required=True, metadata={"description": "title, heading, locator, kind of the document"})


class SourceView(Schema):
    """A passage that an answer cites."""

    chunk_id = fields.UUID(required=True)
    source_type = fields.String(required=True)
    source_id = fields.String(required=True)
    title = fields.String(required=True)
    locator = fields.String(required=True)
    label = fields.String(required=True, metadata={"description": "as the text cites it"})
    score = fields.Float(required=True)


class StepView(Schema):
    """One step, with the passages that it cites."""

    order = fields.Integer(required=True)
    text = fields.String(required=True)
    chunk_ids = fields.List(fields.UUID(), required=True)


def passage_view(passage: Passage) -> dict[str, Any]:
    """Return a passage as JSON."""
    return {
        "score": round(passage.score, 4),
        "text": passage.text,
        "source_type": passage.source_type,
        "source_id": str(passage.document_id),
        "chunk_id": passage.chunk_id,
        "metadata": {
            "title": passage.title,
            "heading": list(passage.heading),
            "locator": passage.locator,
            **passage.metadata,
        },
    }


def source_view(source: Source) -> dict[str, Any]:
    """Return a source as JSON, as citations name it."""
    return {
        "chunk_id": str(source.chunk_id),
        "source_type": source.source_type,
        "source_id": source.source_id,
        "title": source.title[:500],
        "locator": source.locator[:200],
        "label": source.label,
        "score": round(source.score, 4),
    }
