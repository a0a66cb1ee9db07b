"""Makes extractive answers: numbered steps, or the few best sentences of the passages."""

import re
from collections.abc import Iterable, Sequence

from rag_service.domain.answering.assessed_passage import AssessedPassage
from rag_service.domain.answering.citation import Cited, Span, quoted
from rag_service.domain.answering.prompt_injection import is_injection
from rag_service.domain.answering.sentences import Sentence
from rag_service.domain.answering.text_features import stems

MAX_STEPS = 10
MAX_SENTENCES = 4
MAX_PASSAGES = 3
"""Answers are made of the likeliest ones."""
WITHIN = 0.25
"""How far a paragraph or sentence may lie behind the best one's relevance and still belong to the answer."""
MIN_WORDS = 3
MIN_CHARACTERS_WITHOUT_SPACES = 6
"""Of scripts that put no space between words."""
MAX_SENTENCE_CHARACTERS = 600
"""Characters; longer pieces are neither steps nor readable sentences."""
SAME_WORDS = 0.8

_VERBS = (
    "accept|access|activate|add|adjust|allow|apply|ask|assign|attach|back up|begin|book|browse|build|bring|call"
    "|cancel|change|charge"
    "|check|choose|clean|clear|click|clone|close|collect|compare|complete|configure|confirm|connect|consider"
    "|contact|continue|copy"
    "|create|customi[sz]e|define|delete|deploy|disable|disconnect|double-click|download|drag|edit|email|empty"
    "|enable|ensure|enter"
    "|examine|execute|exit|expand|export|extend|fill|filter|find|follow|force|forget|generate|get|give|go|grant"
    "|head|hold|identify"
    "|import|include|increase|initiali[sz]e|insert|inspect|install|invite|keep|launch|leave|link|list|load|locate"
    "|lock|log|look|make"
    "|map|modify|monitor|mount|move|name|navigate|note|open|paste|pay|perform|pick|place|plug|power|prepare|press"
    "|print|provide|pull"
    "|push|put|quit|read|reboot|recharge|reconnect|record|reduce|refer|refresh|register|reinstall|release|reload"
    "|remove|rename|renew"
    "|repeat|replace|report|request|reset|resolve|restart|restore|retry|return|review|right-click|run|save|scan"
    "|schedule|scroll|search"
    "|select|send|set|share|sign|slide|specify|start|stop|store|submit|switch|sync|take|tap|tell|test|toggle|try"
    "|turn|type|unlock|unplug"
    "|uninstall|update|upgrade|upload|use|verify|view|visit|wait|write"
)
_IMPERATIVE = re.compile(
    rf"(?i)^\W*(?:(?:step \d+[:.)]?|then|next|first|second|third|now|finally|lastly|afterwards?|after that|please"
    rf"|also|simply"
    rf"|just|always|never|be sure to|make sure to|remember to|don't"
    rf"|do not)[,:]?\s+){{0,3}}(?:{_VERBS})\b(?!\s*(?:is|are|was|were|has|:)\b)"
    rf"|^\W*(?:to|in order to|if|when|once|after|before|for|on|from|in"
    rf"|under)\b[^.]{{2,80}},\s*(?:please\s+)?(?:{_VERBS})\b"
    rf"|^\W*you (?:can|must|should|need to|have to|may|will need to)\b"
    rf"|^\W*(?:(?:dann|danach|zuerst|bitte|anschließend|nun)\s+)?\w{{3,}}en sie\b"
    rf"|^\W*(?:cliquez|ouvrez|sélectionnez|choisissez|entrez|saisissez|allez|vérifiez|redémarrez|haga|abra"
    rf"|seleccione|elija"
    rf"|introduzca|vaya|compruebe|reinicie|pulse)\b"
)
_HOW = re.compile(
    r"(?i)\bhow (?:do|does|can|could|should|would|to)\b|\b(?:steps?|instructions|procedure|set ?up|walk me through)\b"
    r"|\bwie (?:kann|mache?|muss|soll|richte|geht|setze|ändere|bekomme)\b|\bcomment (?:faire|puis|peut|dois)\b"
    r"|\bcómo (?:puedo|se|hago)\b"
)


def asks_how(question: str) -> bool:
    """Return whether a question asks for instructions rather than facts."""
    return _HOW.search(question) is not None


def steps(passages: Sequence[AssessedPassage], min_probability: float) -> list[Cited]:
    """Return instructions in document order; without any, the sentences that answer the question.

    `min_probability`: from which a passage counts as an answer. A list is taken whole, because its steps belong
    together, though only one of them may match the question.
    """
    chosen = _likeliest(passages, min_probability)
    # Relevance among steps alone: "the VPN asks again and again" matches a ticket better than its solution does.
    floor = max((relevance for assessed in chosen for relevance, _ in _instructions(assessed)), default=0.0) - WITHIN
    found: list[Cited] = []
    for assessed in sorted(chosen, key=lambda each: _rank(chosen, each)):
        instructions = _instructions(assessed)
        wanted = {sentence.block for relevance, sentence in instructions if relevance >= floor}
        for _, sentence in instructions:
            if sentence.block in wanted:
                _add(found, assessed, sentence)
    return found[:MAX_STEPS] or sentences(passages, min_probability)


def sentences(passages: Sequence[AssessedPassage], min_probability: float) -> list[Cited]:
    """Return the few sentences that fit the question best, in the documents' order."""
    chosen = _likeliest(passages, min_probability)
    fitting = [
        (relevance, assessed, sentence)
        for assessed in chosen
        for sentence, relevance in zip(assessed.sentences, assessed.relevance, strict=True)
        if _is_readable(sentence)
    ]
    if not fitting:
        return []
    best = max(relevance for relevance, _, _ in fitting)
    near = sorted((each for each in fitting if each[0] >= best - WITHIN), key=lambda each: -each[0])[:MAX_SENTENCES]
    found: list[Cited] = []
    for _, assessed, sentence in sorted(near, key=lambda each: (_rank(chosen, each[1]), each[2].start)):
        _add(found, assessed, sentence)
    return found


def _likeliest(passages: Sequence[AssessedPassage], min_probability: float) -> list[AssessedPassage]:
    enough = [each for each in passages if each.probability >= min_probability and each.sentences]
    return sorted(enough, key=lambda each: -each.probability)[:MAX_PASSAGES]


def _rank(chosen: Sequence[AssessedPassage], assessed: AssessedPassage) -> tuple[int, int]:
    """Return the position of a passage: the document with the likeliest passage first, then document order."""
    documents = list(dict.fromkeys(each.order[0] for each in chosen))
    return documents.index(assessed.order[0]), assessed.order[1]


def _instructions(assessed: AssessedPassage) -> list[tuple[float, Sentence]]:
    """Return a passage's instructions, with the commands that a step announces."""
    return [
        (relevance, sentence)
        for index, (sentence, relevance) in enumerate(zip(assessed.sentences, assessed.relevance, strict=True))
        if _is_step(sentence) or _belongs_to_step(assessed.sentences, index)
    ]


def _is_step(sentence: Sentence) -> bool:
    if not _is_readable(sentence) or sentence.kind == "table":
        return False
    return _IMPERATIVE.search(sentence.shown) is not None


def _belongs_to_step(all_of_it: Sequence[Sentence], index: int) -> bool:
    """Return whether this is the command that the previous step announces."""
    if all_of_it[index].kind != "code" or index == 0:
        return False
    before = all_of_it[index - 1]
    return _is_step(before) and before.text.endswith(":")


def _is_readable(sentence: Sentence) -> bool:
    if (
        sentence.kind in ("heading", "code")
        or len(sentence.text) > MAX_SENTENCE_CHARACTERS
        or sentence.text.endswith("?")
    ):
        return False
    if not sentence.text.isascii() and len(sentence.text) >= MIN_CHARACTERS_WITHOUT_SPACES:
        return True
    return len(sentence.text.split()) >= MIN_WORDS or (sentence.kind == "item" and len(sentence.text) > 1)


def _add(found: list[Cited], assessed: AssessedPassage, sentence: Sentence) -> None:
    text = quoted(sentence.text)
    if not text or is_injection(text):
        return
    chunk = assessed.passage.chunk_id
    span = Span(chunk, sentence.start, sentence.end)
    for index, other in enumerate(found):
        if other.text == text:
            # Equal sentences in two documents are one step that cites both.
            if chunk not in other.chunk_ids:
                found[index] = Cited(text, (*other.chunk_ids, chunk), (*other.spans, span))
            return
        if _alike(other.text, text):
            return
    found.append(Cited(text, (chunk,), (span,)))


def _alike(one: str, other: str) -> bool:
    first, second = stems(one), stems(other)
    return bool(first | second) and len(first & second) / len(first | second) >= SAME_WORDS


def confidence(cited: Iterable[Cited], passages: Sequence[AssessedPassage]) -> float:
    """Return the confidence of an extractive answer, 0 to 1: the probability of the likeliest passage it cites."""
    used = {chunk for each in cited for chunk in each.chunk_ids}
    return round(max((each.probability for each in passages if each.passage.chunk_id in used), default=0.0), 4)
