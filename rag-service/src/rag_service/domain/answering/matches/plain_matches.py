"""Finds what answers a question by its form: the clause with the asked number, the line with the asked key, the list
under a heading or the stored question in the asker's own words."""

import re
from collections.abc import Iterator, Sequence

from rag_service.domain.answering.answer_kind import CHECKED_KINDS, asked_kind
from rag_service.domain.answering.approved import agree
from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.text_features import negates, stem, tokens
from rag_service.domain.answering.language.word_match import Words, asked_words, fold
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.tables.asked_cell import SAYS_NOTHING
from rag_service.domain.answering.tables.named_columns import asked_days, days_of, is_day
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.answering.units.keyed_line import MAX_CHARACTERS, keyed
from rag_service.domain.answering.units.unit_features import Read
from rag_service.domain.answering.units.units import Unit
from rag_service.domain.answering.values import cell_kinds

PROBABILITY = 0.97
"""That such a unit answers."""
MAX_KEY_WORDS = 6
MAX_BARE_WORDS = 10
"""Words of a line without a colon, such as a running head."""
MAX_QUOTED = 12
MIN_HEADING_WORDS = 2
MAX_TEXT_SENTENCES = 6
MAX_MISSING_SHARE = 5
"""One word of so many of a question may stand neither in the heading nor in the text below it."""
MIN_WORD_MATCH, SAME_WORD, SURE_WORD = 0.7, 0.8, 0.9
"""How far a word must be held: as a synonym at least, as a part of a word, or as the same word."""

_NUMBERED = re.compile(
    r"(?i)(?:\b(?:clause|section|sec\.|article|art\.?|paragraph|para\.?|point|item|rule|no\.|number|chapter"
    r"|klausel|abschnitt|artikel|absatz|abs\.|punkt|ziffer|nr\.|nummer|regel|kapitel|paragraf"
    r"|alinéa|paragraphe|règle|chapitre|cláusula|sección|artículo|párrafo|punto|apartado|regla|capítulo"
    r"|clausola|articolo|sezione|comma|clausule|lid|regel|hoofdstuk)|§{1,2})[ \u00a0]*"
    r"(\d{1,3}(?:\.\d{1,3}){0,4}[a-z]?)\b(?![-/%]|[.,]\d)"
)
_LABEL = r"(?:(?:§{1,2}|clause|section|article|art\.?|klausel|artikel|ziffer|punkt|artículo|cláusula)[ \u00a0]*)?"
_ANY_LABEL = re.compile(rf"(?im)^[ \t]*[(]?{_LABEL}\d{{1,3}}(?:\.\d{{1,3}}){{0,4}}[a-z]?[.):]?[ \t]+(?=\S)")
_EITHER = re.compile(r"(?i)\b(\w+) (?:or|oder|ou|o|of) (\w+)\b")
_ELIDED = re.compile(r"(?i)\b[ldq]['’]")
_ASKS_FOR_TEXT = frozenset(
    fold(stem(word))
    for word in tokens(
        """\
say says state states stated contain contains regulate regulates rule cover covers provide provides stand stands text
wording read reads content contents clause section article art paragraph para point item number no chapter tell tells
about written agreement contract terms document require requires mean
sagt steht regelt besagt lautet inhalt wortlaut klausel abschnitt artikel absatz abs punkt ziffer nr nummer regel
kapitel paragraf vertrag bestimmt dit prévoit stipule alinéa paragraphe contrat accord dice establece estipula cláusula
sección artículo párrafo punto apartado contrato"""
    )
)
_ASKS_FOR_STEPS = frozenset(
    fold(stem(word))
    for word in tokens("step steps procedure instructions way exactly schritte anleitung vorgehen étapes")
)
_FIGURES = re.compile(r"\d")


def plain_matches(question: str, read: Read) -> Iterator[Unit]:
    """Yield the units of a passage that answer by their form."""
    about = Words(" ".join([subject_of(read.passage), *read.passage.heading, read.passage.title]))
    if numbered := _numbered(question, read, about):
        yield numbered
    kind = asked_kind(question)
    if kind == "steps":
        yield from _list_below(question, read, about)
        yield from _stored_question(question, read, about)
        yield from _text_below(question, read)
    elif kind not in ("decision", "reason") and not negates(question):
        yield from list(_key_lines(question, read, about)) or _only_key(question, read, about)


def _numbered(question: str, read: Read, about: Words) -> Unit | None:
    """Return the whole clause of which the question gives the number, if it asks nothing else."""
    question = _ELIDED.sub("", question)
    asked = _NUMBERED.search(question)
    if not asked or not read.sentences:
        return None
    rest = [
        word
        for word in asked_words(question)
        if not any(map(str.isdigit, word)) and word not in _ASKS_FOR_TEXT and not about.holds(word)
        and not Words(read.passage.text[:200]).holds(word)
    ]  # fmt: skip
    if rest:
        return None
    label = re.compile(rf"(?im)^[ \t]*[(]?{_LABEL}{re.escape(asked[1])}[.):]?[ \t]+(?=\S)")
    text = read.passage.text
    if found := label.search(text):
        following = _ANY_LABEL.search(text, found.end())
        end = following.start() if following else len(text)
        inside = [
            index
            for index, each in enumerate(read.sentences)
            if found.start() <= each.start < end and (each.kind != "heading" or each.start <= found.end())
        ]
    elif read.passage.heading and label.match(read.passage.heading[-1] + " "):
        inside = [index for index, each in enumerate(read.sentences) if each.kind != "heading"]
    else:
        return None
    return Unit("whole", inside[0], tuple(inside[:MAX_QUOTED])) if inside else None


def _key_lines(question: str, read: Read, about: Words) -> Iterator[Unit]:
    """Yield short lines such as `Approved by: …` whose key and whose kind of value are what is asked."""
    # An owner is not who approved, although one word often stands for the other.
    kind = asked_kind(question)
    enough = SAME_WORD if kind == "person" else MIN_WORD_MATCH
    asked, mine, whole = asked_words(question), Words(question), Words(read.passage.text)
    if not identifiers(question).coded_in("\n".join([read.passage.title, *read.passage.heading, read.passage.text])):
        return
    if any(not whole.holds(word) and not about.holds(word) and word not in SAYS_NOTHING for word in asked):
        return
    for index, sentence in enumerate(read.sentences):
        line = sentence.shown
        quoted = [index]
        if pair := keyed(sentence):
            key, value = pair
            if not value and index + 1 < len(read.sentences):
                value = read.sentences[index + 1].shown
                quoted.append(index + 1)
            words = asked_words(key)
            # A row of two cells without names may be anything: the room's row of a phone list tells no floor.
            bare = sentence.kind == "table" and ": " not in line
            if bare and any(Words(key).holds(word) < SURE_WORD for word in asked if word not in SAYS_NOTHING):
                continue
        elif len(line) > MAX_CHARACTERS or line.endswith("?") or sentence.kind == "table" or line.count(": ") > 1:
            continue
        else:
            # The number of a heading is none that answers.
            figured = _FIGURES.search(_ANY_LABEL.sub("", line))
            if len(line.split()) > MAX_BARE_WORDS or line.endswith(".") or not figured:
                continue
            key, value = line, line
            words = tuple(word for word in asked_words(line) if word.isalpha() and not cell_kinds.has_time("", word))
        own = [word for word in words if about.holds(word) < 1]
        if not own and pair and kind in CHECKED_KINDS and _is_whole_question(asked, Words(key), about):
            own = list(words)
        if not own or len(words) > MAX_KEY_WORDS or any(mine.holds(word) < enough for word in own):
            continue
        here = Words(line)
        if any(not here.holds(word) and not about.holds(word) and word not in SAYS_NOTHING
               and not whole.holds(word) for word in asked):  # fmt: skip
            continue
        if _is_asked_kind(question, value):
            yield Unit("whole", index, tuple(quoted))


def _is_whole_question(asked: Sequence[str], key: Words, about: Words) -> bool:
    """Return whether a key that the heading has, too, is what is asked: `Guide: Ana` below "Guided tours"."""
    here = [key.holds(word) >= SURE_WORD for word in asked]
    return any(here) and all(in_key or about.holds(word) for word, in_key in zip(asked, here, strict=True))


def _only_key(question: str, read: Read, about: Words) -> Iterator[Unit]:
    """Yield the only line of which the key has the words or the day that are asked for: "how much is the soup".

    Other words of the question may stand in the heading or title.
    """
    days = asked_days(question)
    subject = [word for word in subject_words(question) if word not in SAYS_NOTHING and not is_day(word)]
    kind = asked_kind(question)
    if not (subject or days) or kind not in ("amount", "time", "person", "contact"):
        return
    found = []
    for index, sentence in enumerate(read.sentences):
        if sentence.kind in ("item", "table") and (pair := keyed(sentence)) and pair[1]:
            key = Words(pair[0])
            held = [word for word in subject if key.holds(word) >= SURE_WORD]
            above = all(about.holds(word) >= SURE_WORD for word in subject if word not in held)
            if above and (held or (days and days <= days_of(pair[0]))):
                found.append((index, pair[1]))
    if len(found) == 1 and _is_asked_kind(question, found[0][1]):
        yield Unit("whole", found[0][0], (found[0][0],))


def _is_asked_kind(question: str, value: str) -> bool:
    kind = asked_kind(question)
    first = re.split(r"[,;(]", value)[0]
    if value.endswith(":"):
        return False
    if kind == "person":
        return cell_kinds.has_person("", first)
    if kind == "time":
        return cell_kinds.has_time("", value)
    if kind in ("amount", "contact"):
        return _FIGURES.search(value) is not None or (kind == "contact" and "@" in value)
    return bool(value)


def _list_below(question: str, read: Read, about: Words) -> Iterator[Unit]:
    """Yield the list below a heading that is the question."""
    sentences = read.sentences
    if read.passage.heading and sentences and sentences[0].kind == "item":
        items = _items(read, 0)
        if items and _same_words(question, read.passage.heading[-1], about):
            yield Unit("whole", items[0], items)
    for index, each in enumerate(sentences):
        if each.kind == "heading" and _same_words(question, each.shown, about) and (items := _items(read, index + 1)):
            yield Unit("whole", items[0], items)


def _items(read: Read, first: int) -> tuple[int, ...]:
    found = []
    for index in range(first, min(len(read.sentences), first + MAX_QUOTED)):
        if read.sentences[index].kind not in ("item", "code"):
            break
        found.append(index)
    return tuple(found)


def _text_below(question: str, read: Read) -> Iterator[Unit]:
    """Yield the short text below a heading that says what the question reports: "The VPN says: certificate expired"."""
    sentences, heading = read.sentences, read.passage.heading[-1] if read.passage.heading else ""
    names = asked_words(_EITHER.sub(r"\1", heading)), asked_words(_EITHER.sub(r"\2", heading))
    mine = Words(question)
    reported = any(
        len(words) >= MIN_HEADING_WORDS
        and all(mine.holds(word) >= SAME_WORD or word in _ASKS_FOR_TEXT for word in words)
        for words in names
    )
    if (
        not reported
        or len(sentences) > MAX_TEXT_SENTENCES
        or any(each.kind in ("heading", "table") for each in sentences)
    ):
        return
    whole, above = Words(read.passage.text), Words(heading)
    asked = asked_words(question)
    missing = [word for word in asked if not whole.holds(word) and not above.holds(word)]
    if sentences and len(missing) * MAX_MISSING_SHARE <= len(asked):
        yield Unit("whole", 0, tuple(range(len(sentences))))


def _stored_question(question: str, read: Read, about: Words) -> Iterator[Unit]:
    for unit in read.units:
        stored = read.sentences[unit.core].shown
        if unit.kind == "qa" and agree(question, stored) and _same_words(question, stored, about):
            yield unit


def _same_words(question: str, other: str, about: Words) -> bool:
    """Return whether two texts have the same words, but for those that ask for steps and those of the document."""
    one, two = Words(question), Words(other)
    asked = [word for word in asked_words(question) if word not in _ASKS_FOR_STEPS]
    shared = [word for word in asked if two.holds(word) >= MIN_WORD_MATCH]
    missing = [word for word in asked if not two.holds(word) and not about.holds(word)]
    lacking = [word for word in asked_words(other) if word not in _ASKS_FOR_STEPS and not one.holds(word)
               and not about.holds(word)]  # fmt: skip
    return bool(shared) and not missing and not lacking
