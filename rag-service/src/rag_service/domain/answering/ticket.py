"""What a ticket asks, out of what people write around it."""

from rag_service.domain.answering.questions import is_question
from rag_service.domain.answering.sentences import split
from rag_service.domain.answering.smalltalk import talk_of
from rag_service.domain.answering.words import content

LONGEST = 400
"""Characters: an encoder reads no more than a few sentences well, and a question's words drown in a long story."""


def gist(description: str) -> str:
    """Return the question of a ticket: its questions where it asks any, else how it begins.

    Greetings and signatures of one or two words are left out.
    """
    whole = " ".join(description.split())
    if len(whole) <= LONGEST:
        return whole
    said = [each.shown for each in split(description) if not talk_of(each.shown) and len(content(each.shown)) > 1]
    asked = [each for each in said[1:] if is_question(each)]
    text = " ".join([*said[:1], *asked] if asked else said)
    text = text or whole
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0]
