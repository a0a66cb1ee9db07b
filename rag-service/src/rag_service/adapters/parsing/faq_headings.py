"""Makes questions with their answers of sections whose heading is a question."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag_service.adapters.parsing.questions import answer_mark, asks, bare, is_marked, question_mark
from rag_service.domain.document import PassageKind, Section

MAX_ANSWER_CHARACTERS = 3_800
"""A longer answer is text below a heading, which is cut into passages."""
MAX_LONE_ANSWER_CHARACTERS = 1_500
"""Below a question alone among its neighbours, or with headings below it: longer text is a chapter."""


def with_questions(sections: Sequence[Section]) -> Iterator[Section]:
    """Yield the sections; those below a heading that is a question become one section: the question with its answer.

    A section with questions of its own stays as it is. Small tables are part of the answer, and stay tables beside it,
    because a question may ask for one of their rows.
    """
    asked = _asked(sections)
    ends = set(asked.values())
    at = 0
    while at < len(sections):
        following = asked.get(at)
        if following is None:
            yield sections[at]
            at += 1
            continue
        run = sections[at:following]
        text = _answer(run)
        # Beside another question it is one of an FAQ.
        is_one_of_many = following in asked or at in ends or is_marked(run[0].heading[-1])
        rows = [each for each in run if each.kind is PassageKind.ROWS]
        is_chapter = not is_one_of_many or bool(rows) or any(each.heading != run[0].heading for each in run)
        if len(text) <= (MAX_LONE_ANSWER_CHARACTERS if is_chapter else MAX_ANSWER_CHARACTERS):
            question = bare(run[0].heading[-1]) or run[0].heading[-1]
            text = _without_mark(text, run[0].heading[-1])
            yield replace(run[0], text=f"{question}\n{text}", heading=run[0].heading[:-1], kind=PassageKind.QA)
            yield from rows
        else:
            yield from run
        at = following


def _asked(sections: Sequence[Section]) -> dict[int, int]:
    """Return the runs of sections that answer their heading: where each begins, and where the next section does."""
    found: dict[int, int] = {}
    at = 0
    while at < len(sections):
        heading = sections[at].heading
        goes_on = at > 0 and sections[at - 1].heading[: len(heading)] == heading
        if not heading or goes_on or not _is_question(heading[-1]):
            at += 1
            continue
        following = at + 1
        while following < len(sections) and sections[following].heading[: len(heading)] == heading:
            following += 1
        run = sections[at:following]
        below = {each.heading[place] for each in run for place in range(len(heading), len(each.heading))}
        if all(each.kind is not PassageKind.QA for each in run) and not any(map(_is_question, below)):
            found[at] = following
            at = following
        else:
            at += 1
    return found


def _is_question(heading: str) -> bool:
    return is_marked(heading) or asks(heading)


def _answer(run: Sequence[Section]) -> str:
    """Return the text of sections below one heading, with the headings in between."""
    parts: list[str] = []
    before = run[0].heading
    for each in run:
        if each.heading != before:
            shared = sum(1 for one, other in zip(before, each.heading, strict=False) if one == other)
            parts += each.heading[shared:]
            before = each.heading
        parts.append(each.text)
    return "\n\n".join(parts)


def _without_mark(answer: str, heading: str) -> str:
    """Return an answer without its mark, if its heading has the mark of a question."""
    asked, answered = question_mark(heading), answer_mark(answer)
    return answer[len(answer) - len(answered.text) :] if asked and answered and answered.answers(asked) else answer
