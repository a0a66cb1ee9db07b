"""German, French and Spanish documents with questions in the same language: prose with ordinals, lists, FAQ."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.probes.draw import Draw
from benchmarks.probes.model import Probe, Question
from benchmarks.probes.schemas import literal
from benchmarks.probes.writers import TABLES, Sheet, paragraphs, plain

TEXTS = Path(__file__).with_name("languages.json")
KINDS = ("md", "txt", "docx", "html", "pdf")


@dataclass(frozen=True)
class Language:
    """What is written and asked in one language; `{n}` a name, `{v}` a value."""

    code: str
    title: str
    facts: tuple[tuple[str, str, tuple[str, str]], ...]
    """A sentence, its kind of value, two questions."""
    filler: tuple[str, ...]
    absent: tuple[str, str]
    list_title: str
    head: tuple[str, str, str]
    things: tuple[str, ...]
    price: tuple[str, str]
    stock: tuple[str, str]
    no_price: str
    faq: tuple[tuple[str, str, str], ...]
    """Question, answer, a part of the answer."""
    marks: tuple[str, str]
    money: str
    months: tuple[str, ...]
    date: str


def languages() -> list[Language]:
    """Return the languages of `languages.json`, which a person who speaks them can read and mend."""
    return [Language(**each) for each in json.loads(TEXTS.read_text(encoding="utf-8"))]


def foreign(draw: Draw) -> Iterator[Probe]:
    """Yield a document, a list and an FAQ in each language."""
    for place, language in enumerate(languages()):
        yield _document(draw, language, KINDS[place])
        yield _document(draw, language, KINDS[(place + 2) % len(KINDS)])
        yield _list(draw, language, ("csv;", "xlsx", "pdf")[place])
        yield _list(draw, language, ("md", "docx", "html")[place])
        yield _faq(draw, language)


def _document(draw: Draw, language: Language, kind: str) -> Probe:
    name = draw.name()
    made = []
    for sentence, of, questions in language.facts:
        value = {
            "date": lambda: language.date.format(draw.number(2, 28), draw.any(language.months)),
            "money": lambda: language.money.format(draw.number(4, 60), draw.number(10, 99)),
            "count": lambda: str(draw.number(5, 40)),
            "person": draw.person,
        }[of]()
        made.append((sentence.format(n=name, v=value), value, draw.one(questions).format(n=name)))
    texts = [f"{draw.any(language.filler)} {sentence} {draw.any(language.filler)}" for sentence, *_ in made]
    title = language.title.format(n=name)
    file = paragraphs(f"{name.lower()}_{language.code}", kind, title, [f"{texts[0]} {texts[1]}", *texts[2:]])
    questions = [Question(asked, literal(value), f"policy {language.code}", file.name) for _, value, asked in made]
    questions.append(Question(draw.one(language.absent).format(n=name), "abstain", "policy, not in it", file.name))
    return Probe((file,), tuple(questions))


def _list(draw: Draw, language: Language, kind: str) -> Probe:
    name = draw.name()
    things = [f"{name} {thing}" for thing in draw.shuffled(language.things)]
    stock = draw.numbers(10, 900, len(things))
    rows = [
        (thing, language.money.format(draw.number(3, 900), draw.number(10, 99)), str(stock[place]))
        for place, thing in enumerate(things[:-1])
    ]
    title = language.list_title.format(n=name)
    file = TABLES[kind](f"{name.lower()}_{language.code}_list", Sheet(title, language.head, rows))
    questions = []
    for place, (column, wordings) in enumerate(((1, language.price), (2, language.stock), (1, language.price))):
        row = rows[place]
        others = tuple(cell for other in rows if other is not row for cell in (other[0], other[column]))
        questions.append(
            Question(draw.one(wordings).format(row[0]), literal(row[column]), f"row {language.code}", file.name,
                     others, identifier=row[0])
        )  # fmt: skip
    questions.append(Question(draw.one(language.price).format(things[-1]), "abstain", "no such row", file.name))
    questions.append(Question(language.no_price.format(rows[4][0]), "abstain", "no such column", file.name))
    return Probe((file,), tuple(questions))


def _faq(draw: Draw, language: Language) -> Probe:
    name = draw.name()
    kept = [tuple(each.format(n=name) for each in entry) for entry in language.faq]
    if draw.half == "at_hand":
        rows = [(question, answer) for question, answer, _ in kept]
        file = TABLES["csv;"](f"{name.lower()}_faq_{language.code}", Sheet(name, language.marks, rows))
    else:
        one, other = language.marks
        lines = [f"{one}: {question}\n{other}: {answer}" for question, answer, _ in kept]
        file = plain(f"{name.lower()}_faq_{language.code}", "\n\n".join([name, *lines]))
    questions = [
        Question(asked, literal(part), f"faq {language.code}", file.name,
                 tuple(other for _, _, other in kept if other != part))
        for asked, _, part in kept
    ]  # fmt: skip
    return Probe((file,), tuple(questions))
