"""Extracts the search query from a ticket's description."""

from collections.abc import Sequence

from rag_service.domain.answering.conversation import is_follow_up
from rag_service.domain.answering.mail_text import is_courtesy, message_of
from rag_service.domain.answering.questions import asks_something, is_question
from rag_service.domain.answering.sentences import split
from rag_service.domain.answering.smalltalk import small_talk_kind
from rag_service.domain.answering.text_features import content

MAX_QUERY_CHARACTERS = 400
"""Characters: an encoder represents only a few sentences well, and a long story hides the question's words."""
MAX_CONTEXT_CHARACTERS = 160
"""Characters of a sentence that tells what a question is about."""
MIN_WORDS = 3
"""Content words of a question that needs no sentence beside it."""


def search_query(description: str) -> str:
    """Return the query for a ticket: its questions if it asks any, else its beginning.

    A mail's greeting, signature and quoted mails are left out. A question that is not understandable alone ("When does
    it close?") gets the sentence in front of it and the ticket's first one.
    """
    whole = " ".join(description.split())
    if len(whole) <= MAX_QUERY_CHARACTERS and "\n" not in description.strip():
        return whole
    message = message_of(description)
    own = " ".join(message.split())
    if len(own) <= MAX_QUERY_CHARACTERS:
        return own or whole
    # Each sentence once: forms and long threads repeat theirs.
    sentences = [each for each in dict.fromkeys(each.shown for each in split(message)) if _says_something(each)]
    asked = [place for place, each in enumerate(sentences) if is_question(each)]
    text = " ".join(_with_context(sentences, asked) if asked else sentences) or own
    return text if len(text) <= MAX_QUERY_CHARACTERS else text[:MAX_QUERY_CHARACTERS].rsplit(" ", 1)[0]


def _says_something(sentence: str) -> bool:
    if small_talk_kind(sentence) or is_courtesy(sentence) or not content(sentence):
        return False
    return not is_question(sentence) or asks_something(sentence)


def _with_context(sentences: Sequence[str], asked: Sequence[int]) -> list[str]:
    """Return the questions, with what they are about in front where they don't say it themselves."""
    needed = set(asked)
    for place in asked:
        if is_follow_up(sentences[place]) or len(content(sentences[place])) < MIN_WORDS:
            needed |= {each for each in (0, place - 1) if each >= 0 and len(sentences[each]) <= MAX_CONTEXT_CHARACTERS}
    return [sentences[place] for place in sorted(needed)]
