"""The questions of a message with the queries that are tried for each."""

from collections.abc import Sequence

from rag_service.domain.answering.message.conversation import Turn, standalone_question
from rag_service.domain.answering.message.questions import Part, parts_of
from rag_service.domain.answering.message.search_query import search_query, wordings


def asked_in(message: str, whole: str, turns: Sequence[Turn]) -> dict[str, list[str]]:
    """Return each question of a message with its queries; each later one may follow up on the earlier ones."""
    parts = parts_of(message)
    if len(parts) == 1 and (whole != message or parts[0].whole == parts[0].question):
        return {search_query(whole): [search_query(whole)]}
    found: dict[str, list[str]] = {}
    for place, part in enumerate(parts):
        earlier = [*turns, *(Turn("user", each.whole) for each in parts[:place])]
        has_story = bool(part.before or part.behind)
        # What a question points to stands in its own sentences first.
        standing = part if has_story else Part(standalone_question(part.question, earlier))
        found.setdefault(search_query(standing.question), wordings(standing))
    return found
