"""Extracts the search query from a ticket's description."""

from rag_service.domain.answering.questions import is_question
from rag_service.domain.answering.sentences import split
from rag_service.domain.answering.smalltalk import small_talk_kind
from rag_service.domain.answering.text_features import content

MAX_QUERY_CHARACTERS = 400
"""Characters: an encoder represents only a few sentences well, and a long story hides the question's words."""


def search_query(description: str) -> str:
    """Return the query for a ticket: its questions if it asks any, else its beginning.

    Greetings and signatures of one or two words are left out.
    """
    whole = " ".join(description.split())
    if len(whole) <= MAX_QUERY_CHARACTERS:
        return whole
    sentences = [
        each.shown for each in split(description) if not small_talk_kind(each.shown) and len(content(each.shown)) > 1
    ]
    asked = [each for each in sentences[1:] if is_question(each)]
    text = " ".join([*sentences[:1], *asked] if asked else sentences)
    text = text or whole
    return text if len(text) <= MAX_QUERY_CHARACTERS else text[:MAX_QUERY_CHARACTERS].rsplit(" ", 1)[0]
