"""Recognises the questions and answers of an FAQ by their marks (`Q:`, `Antwort 2 –`) and by their question marks."""

import re
from collections.abc import Iterable

MAX_QUESTION_CHARACTERS = 300
MIN_QUESTION_WORDS = 2

# Letters that mark a question and its answer, each pair of one or several languages.
_LETTER_PAIRS = (
    "QA QR FA FS FR PR PO PT VA DR KV SC SS SV SO OO IR ÎR OT KA KT",
    "ВО ПВ ВВ ПО ΕΑ سج 问答 問答 문답 QО",
)
LETTERS = frozenset(tuple(pair) for pairs in _LETTER_PAIRS for pair in pairs.split())
# The words for "question" and "answer": a marker of one may be followed by a marker of the other in any language.
_QUESTION_WORDS = (
    "question", "frage", "pregunta", "pergunta", "questão", "domanda", "vraag", "pytanie", "otázka", "kérdés",
    "kysymys", "fråga", "spørgsmål", "spørsmål", "spurning", "întrebare", "intrebare", "soru", "вопрос", "питання",
    "запитання", "въпрос", "питање", "ερώτηση", "vprašanje", "pitanje", "klausimas", "küsimus", "jautājums", "ceist",
    "pertanyaan", "câu hỏi", "سؤال", "שאלה", "问题", "問題", "问", "問", "質問", "질문", "คำถาม", "प्रश्न",
)  # fmt: skip
_ANSWER_WORDS = (
    "answer", "antwort", "réponse", "reponse", "respuesta", "resposta", "risposta", "antwoord", "odpowiedź",
    "odpowiedz",
    "odpověď", "odpoveď", "válasz", "vastaus", "svar", "svör", "răspuns", "raspuns", "cevap", "yanıt", "ответ",
    "відповідь", "отговор", "одговор", "απάντηση", "odgovor", "atsakymas", "vastus", "atbilde", "freagra", "jawaban",
    "trả lời", "جواب", "إجابة", "الجواب", "תשובה", "答案", "答复", "回答", "答", "답변", "답", "คำตอบ", "उत्तर",
)  # fmt: skip
_QUESTION_SIGNS = "".join(sorted({pair[0] for pair in LETTERS}))
_ANSWER_SIGNS = "".join(sorted({pair[1] for pair in LETTERS}))
_NUMBER = r"[ \t]?(?:no\.?[ \t]?|nr\.?[ \t]?)?\d{1,3}(?:\.\d{1,2}){0,2}"
# A letter needs a sign behind it (`Q:`, `Q.`, `Q3)`); a word may also stand alone before a number (`Question 3 –`).
_BEHIND = r"[ \t]{0,2}(?:[:：.)\]|]|[-–—](?=[ \t]))[ \t]*"
_LEAD = r"[ \t]{0,8}(?:[-*•●▪►»>][ \t]{0,3})?[(\[]?"


def _marker(words: Iterable[str], letters: str) -> "re.Pattern[str]":
    spelled = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return re.compile(
        rf"{_LEAD}(?:(?P<word>(?i:{spelled}))(?:{_NUMBER})?|(?P<letter>[{letters}qa])(?:{_NUMBER})?){_BEHIND}"
    )


_QUESTION = _marker(_QUESTION_WORDS, _QUESTION_SIGNS)
_ANSWER = _marker(_ANSWER_WORDS, _ANSWER_SIGNS)
_MARK_LEAD = re.compile(_LEAD)
_BEGINNINGS = frozenset(word[:2] for word in (*_QUESTION_WORDS, *_ANSWER_WORDS))
_LONE_SIGNS = frozenset((*_QUESTION_SIGNS, *_ANSWER_SIGNS, *"qa", *(word for word in _BEGINNINGS if len(word) == 1)))
_MAY_ASK = re.compile(r"[?？؟⁇‽՞;\u037e]")
# Greek texts write their question mark as a semicolon; U+037E becomes one in the composed form.
_ASKS = re.compile(r"[?？؟⁇‽՞][\"'”’»)\]*_]{0,3}$")
_GREEK_ASKS = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff][;\u037e]$")
_DASH = re.compile(r"[–—-][ \t]+(?=\S)")
_ASKS_INSIDE = re.compile(r"[?？؟][ \t]+(?=\S)")
# Behind a word of four letters, so that "St. Andrews" and "z. B. Berlin" end no sentence.
_SENTENCE_END = re.compile(r"\w{4}[.!]['\"”’»)]?[ \t]+[^\W\d_a-z]|[。！](?=.)")
_NUMBERED = re.compile(
    r"[ \t]*(?:[-*•●▪►»][ \t]+)?(?:(?:\(?(?:\d{1,3}(?:\.\d{1,3}){0,4}|[A-Za-z])[.):]\)?|\d{1,3}(?:\.\d{1,3}){1,4}"
    r"|#\d{1,3}[.):]?)[ \t]+|\d{1,3}[、．])"
)
_COUNTED = re.compile(r"[ \t]*\(?(\d{1,3})[.)]\)?[ \t]")
_WORD = re.compile(r"[^\W\d_]{3}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_BULLET = re.compile(r"[ \t]*[-*•●▪►»][ \t]+")
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SAYS_FAQ = re.compile(
    r"\bfaqs?\b|frequently asked|q ?& ?a\b|h(?:ä|ae)ufig(?:e|\sgestellte|en)?\b.{0,12}frage|fragen und antworten"
    r"|foire aux questions|questions? (?:fréquente|courante|les plus)|preguntas (?:frecuentes|más)"
    r"|perguntas (?:frequentes|mais)"
    r"|domande (?:frequenti|più)|veelgestelde|meest gestelde|często zadawane|najczęstsze pytania|vanliga frågor"
    r"|vanlige spørsmål|ofte stille?de|čast(?:o kladené|é otázky)|najčastejšie|gyakor(?:i"
    r"|an).{0,12}kérdés|usein kysyt"
    r"|întrebări frecvente|intrebari frecvente|s[ıi]k(?:ça)? sorulan|част(?:о задаваемые|ые вопросы)|вопрос-ответ"
    r"|поширені (?:запитання|питання)|συχνές ερωτήσεις|常见问题|常見問題|よくある|자주 (?:묻는|하는)|الأسئلة الشائعة",
    re.IGNORECASE,
)


class Mark:
    """A line's mark of a question or an answer, and the text behind it."""

    def __init__(self, found: "re.Match[str]") -> None:
        """`found`: the match of the mark at the line's beginning."""
        self.letter = (found["letter"] or "").upper()
        self.text = found.string[found.end() :].strip()
        self._is_plain = not found.group().rstrip().endswith((":", "："))

    @property
    def is_doubtful(self) -> bool:
        """Return whether this is more likely an initial, an item of a list or a fax number than a question's mark."""
        if not self.letter or ends_asking(self.text):
            return False
        return self._is_plain or not _WORD.search(self.text)

    def answers(self, question: "Mark") -> bool:
        """Return whether this mark may be the answer's to a question's mark: both words, or letters of one pair."""
        if self.letter and question.letter:
            return (question.letter, self.letter) in LETTERS
        return True


def holds_none(text: str) -> bool:
    """Return whether a text certainly holds no question and no mark; most texts do, and this is quick."""
    return not _MAY_ASK.search(text) and not any(map(_may_be_marked, text.split("\n")))


def _may_be_marked(line: str) -> bool:
    """Return whether a line may begin with a mark: a letter alone, or a word that begins as one of the marks does.

    Asked for each line of each file, this is much quicker than the comparison with all words.
    """
    lead = _MARK_LEAD.match(line)
    at = lead.end() if lead else 0
    two = line[at : at + 2]
    return two.lower() in _BEGINNINGS or (two[:1] in _LONE_SIGNS and not two[1:].isalpha())


def question_mark(line: str) -> Mark | None:
    """Return the mark of a question at a line's beginning."""
    found = _QUESTION.match(line) if _may_be_marked(line) else None
    return Mark(found) if found else None


def is_marked(line: str) -> bool:
    """Return whether a line is marked as a question (`Question 4: Lost badge`), be it one or not."""
    mark = question_mark(line)
    return mark is not None and not mark.is_doubtful and bool(mark.text)


def answer_mark(line: str) -> Mark | None:
    """Return the mark of an answer at a line's beginning."""
    found = _ANSWER.match(line) if _may_be_marked(line) else None
    return Mark(found) if found else None


def asks(text: str) -> bool:
    """Return whether a text is one question and nothing else, with its number or mark."""
    if not ends_asking(text):
        return False
    asked = bare(text)
    if len(asked) > MAX_QUESTION_CHARACTERS or _SENTENCE_END.search(asked[:-1]):
        return False
    return len(asked.split()) >= MIN_QUESTION_WORDS or len(_EAST_ASIAN.findall(asked)) > MIN_QUESTION_WORDS


def ends_asking(text: str) -> bool:
    """Return whether a text ends with a question mark."""
    end = text.rstrip()[-6:]
    return bool(_ASKS.search(end) or _GREEK_ASKS.search(end))


def bare(text: str) -> str:
    """Return a question without its number, bullet or mark."""
    if found := question_mark(text):
        return found.text
    numbered = _NUMBERED.match(text)
    return text[numbered.end() :].strip() if numbered else without_bullet(text)


def is_numbered(text: str) -> bool:
    """Return whether a text begins with a number or a letter, as an item of a list does."""
    return bool(_NUMBERED.match(text))


def without_bullet(text: str) -> str:
    """Return a text without the bullet at its beginning."""
    found = _BULLET.match(text)
    return text[found.end() :].strip() if found else text.strip()


def is_bullet(text: str) -> bool:
    """Return whether a text begins with a bullet."""
    return bool(_BULLET.match(text))


def answer_inside(line: str) -> int | None:
    """Return where the answer's mark begins in a line that holds a question and its answer."""
    for found in _ASKS_INSIDE.finditer(line[: MAX_QUESTION_CHARACTERS * 2]):
        if _ANSWER.match(line, found.end()):
            return found.end()
        if (dash := _DASH.match(line, found.end())) and asks(line[: found.end()]):
            return dash.end()
    return None


def number(text: str) -> int | None:
    """Return the number that a text begins with as an item of a list does, `3. ` or `3)`."""
    found = _COUNTED.match(text)
    return int(found[1]) if found else None


def says_faq(text: str) -> bool:
    """Return whether a heading or title says that questions with their answers follow."""
    return bool(_SAYS_FAQ.search(text))
