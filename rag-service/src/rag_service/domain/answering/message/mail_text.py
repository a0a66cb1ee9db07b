"""Takes the message out of a mail: without greeting, signature, quoted mails and legal notices."""

import re

from rag_service.domain.answering.language.text_features import content
from rag_service.domain.answering.message.smalltalk import small_talk_kind

MIN_WORDS = 3
"""A message that asks nothing and has fewer content words is a cover note of the mail that it forwards."""
MAX_GREETING_CHARACTERS = 60
MAX_GREETING_WORDS = 7
MAX_CLOSING_CHARACTERS = 60

_QUOTED = re.compile(
    r"(?i)^\s*(?:-{2,}\s*(?:original|forwarded|ursprüngliche|weitergeleitete|message d'origine|mensaje original)\b"
    r"|(?:on|am|le|el|il|op|den|em) .{4,120}(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|skrev"
    r"|escreveu)\b.{0,80}:"
    r"|_{10,}\s*$)"
)
_HEADER = re.compile(
    r"(?i)^\s*(?:from|sent|to|cc|date|subject|von|gesendet|an|datum|betreff|de|envoyé|à|objet|enviado|para|asunto|da"
    r"|oggetto"
    r"|van|verzonden|aan|onderwerp|från|skickat|till|ämne)\s*:"
)
_SUBJECT = re.compile(r"(?i)^\s*(?:subject|betreff|objet|asunto|oggetto|onderwerp|ämne|assunto)\s*:\s*(.+)")
_PREFIX = re.compile(r"(?i)^(?:\s*(?:re|aw|fw|fwd|wg|tr|rv|sv|antw)\s*:)+\s*")
_CLOSING = re.compile(
    r"(?i)^\s*(?:(?:best|kind|warm|many|with (?:best|kind)) (?:regards|wishes|thanks)|(?:kind )?regards|sincerely|yours"
    r"(?: \w+)?|cheers|thanks(?: and regards)?|thank you|thanks in advance|(?:mit |mfg)?(?:freundliche\w*|beste\w*"
    r"|liebe\w*"
    r"|viele|herzliche\w*|schöne\w*) gr(?:ü|u|ue)(?:ß|ss)en?|mit freundlichen grüßen|mfg|vg|lg|gr(?:ü|ue)(?:ß|ss)e"
    r"|cordialement|bien (?:à vous|cordialement)|merci d'avance|salutations"
    r"|(?:un )?(?:cordial )?saludos?(?: cordiales)?"
    r"|atentamente|cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?|groet(?:en|jes)?|med (?:vänliga"
    r"|venlig)"
    r"(?: hälsningar| hilsen)|mvh|z poważaniem|pozdrawiam|s pozdravem|atenciosamente|sent from my \w+.{0,20}"
    r"|von meinem \w+ gesendet|--)\s*[,.!–-]*\s*$"
)
_GREETING = re.compile(
    r"(?i)^\s*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening|day)|to whom it may concern|hallo|guten (?:tag"
    r"|morgen"
    r"|abend)|liebe[rs]?|sehr geehrte\w*|servus|moin|bonjour|bonsoir|chère?s?|madame|monsieur|hola|buen[oa]s\b"
    r"|estimad[oa]s?"
    r"|buongiorno|gentil[ei]|ciao|beste|geachte|goede\w*|hej|kära|kære|dzień dobry|szanown\w+|dobrý den|vážen\w+|olá"
    r"|prezad\w+|caro|cara)\b"
)
_NOTICE = re.compile(
    r"(?i)^\s*(?:this (?:e-?mail|message)(?: and| is| may| contains)|confidentiality notice|disclaimer|diese (?:e-?mail"
    r"|nachricht) (?:ist|enthält|kann)|ce (?:message|courriel) (?:est|peut|contient)|please consider the environment)"
)


_COURTESY = re.compile(
    r"(?i)^\W*(?:(?:many |best |kind )?(?:thanks|thank you|regards|cheers|danke|vielen dank|viele grüße|merci|gracias"
    r"|grazie)\b"
    r"(?:\W+\w+){0,4}\W*$|(?:i )?(?:really )?hope (?:you|this|all|everything)\b.{0,40}$"
    r"|ich hoffe,? .{0,20}geht\b.{0,20}$"
    r"|(?:(?:hi|hello|dear|hallo)\b[^.?!]{0,20},\s*)?(?:i|we|ich|wir|j'ai|tengo) (?:have |just have |hab\w* )?(?:an?"
    r"|one|two|three"
    r"|some|several|another|eine|zwei|ein paar|une|deux|una|dos)?(?: \w+)? ?(?:questions?|fragen?|preguntas?)\W*$)"
)


def is_courtesy(sentence: str) -> bool:
    """Return whether a sentence is only polite: thanks with a name, "I hope you are well", "I have two questions"."""
    return _COURTESY.match(sentence) is not None


def message_of(text: str) -> str:
    """Return a mail's own text, its subject line first; the whole text, if nothing else would be left."""
    lines = text.splitlines()
    subject = ""
    kept: list[str] = []
    begun, last_question = False, _last_question(lines)
    for index, line in enumerate(lines):
        if not begun and (found := _SUBJECT.match(line)):
            subject = _PREFIX.sub("", found[1])
            continue
        if _ends_the_message(lines, index, last_question, begun=begun):
            break
        if not line.lstrip().startswith(">") and not (_HEADER.match(line) and not begun):
            kept.append(line)
            begun = begun or bool(line.strip())
    own = "\n".join(_without_greeting(kept)).strip()
    if "?" not in own and len(content(own)) < MIN_WORDS:
        # A forwarded mail: the question stands in the quoted text.
        return "\n".join(_without_marks(lines)).strip() or text
    return f"{subject}\n\n{own}" if subject else own


def _ends_the_message(lines: list[str], index: int, last_question: int, *, begun: bool) -> bool:
    line = lines[index]
    if _QUOTED.match(line):
        return True
    if begun and _NOTICE.match(line):
        return True
    if _HEADER.match(line) and begun:
        # Two header lines in a row quote a mail; one alone may be the writer's ("To: the third floor").
        return index + 1 < len(lines) and _HEADER.match(lines[index + 1]) is not None
    if not begun or len(line.strip()) > MAX_CLOSING_CHARACTERS or not _CLOSING.match(line):
        return False
    # "Thanks" amid a mail closes nothing, if questions follow.
    return index > last_question


def _last_question(lines: list[str]) -> int:
    """Return the index of the last line of the writer's own that asks; -1 without any."""
    last = -1
    for index, line in enumerate(lines):
        if _QUOTED.match(line) or line.lstrip().startswith(">") or (last >= 0 and _HEADER.match(line)):
            break
        if "?" in line:
            last = index
    return last


def _without_greeting(lines: list[str]) -> list[str]:
    begin = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    if begin < len(lines) and _is_greeting(lines[begin]):
        return lines[begin + 1 :]
    return lines


def _is_greeting(line: str) -> bool:
    line = line.strip()
    if small_talk_kind(line):
        return True
    return (
        bool(_GREETING.match(line))
        and len(line) <= MAX_GREETING_CHARACTERS
        and len(line.split()) <= MAX_GREETING_WORDS
        and line[-1:] in ",!:.–-" + line[-1:] * line[-1:].isalpha()
        and "?" not in line
    )


def _without_marks(lines: list[str]) -> list[str]:
    return [
        each
        for line in lines
        if (each := re.sub(r"^[\s>]+", "", line)) and not _HEADER.match(each) and not _QUOTED.match(each)
    ]
