"""Extracts the search query from a ticket's description."""

import re
from collections.abc import Sequence

from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.sentences import split
from rag_service.domain.answering.language.text_features import content
from rag_service.domain.answering.message.conversation import is_follow_up
from rag_service.domain.answering.message.mail_text import is_courtesy, message_of
from rag_service.domain.answering.message.questions import Part, asks_something, is_question
from rag_service.domain.answering.message.smalltalk import small_talk_kind

MAX_QUERY_CHARACTERS = 400
"""Characters: an encoder represents only a few sentences well, and a long story hides the question's words."""
MAX_CONTEXT_CHARACTERS = 160
"""Characters of a sentence that tells what a question is about."""
MIN_WORDS = 3
"""Content words of a question that needs no sentence beside it."""
MIN_OWN_WORDS = 2
"""The same of a question of a message that is answered by itself first."""

_NAME = re.compile(r"(?<![^\W_])[^\W\d_]+(?![^\W_])(?![-_./ ]?\d)")


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


def wordings(part: Part) -> list[str]:
    """Return the queries for one question of a message, in the order in which they are tried.

    A question that stands on its own is answered by itself, and its story is only the second choice, without what
    identifies other things. A question that points to its story needs it; of the sentence next to it a code alone
    identifies the thing, and the names beside that ("on the CRM") may be missing in the passage.
    """
    if not (part.before or part.behind):
        return [search_query(part.question)]
    if is_follow_up(part.question) or len(content(part.question)) < MIN_OWN_WORDS:
        near = (part.before or part.behind)[-1 if part.before else 0]
        found = [search_query(part.whole), search_query(f"{near} {part.question}")]
        if identifiers(near[:MAX_QUERY_CHARACTERS]).codes:
            found.append(search_query(f"{_NAME.sub(lambda name: name[0].lower(), near)} {part.question}"))
    else:
        before, behind = map(_without_identifiers, (part.before, part.behind))
        found = [search_query(part.question), search_query(Part(part.question, before, behind).whole)]
    return list(dict.fromkeys(found))


def _without_identifiers(statements: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        " ".join(word for word in each.split() if "@" not in word and not any(map(str.isdigit, word)))
        for each in statements
    )


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
