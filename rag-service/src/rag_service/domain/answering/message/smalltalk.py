"""Replies to small talk: greetings, thanks, goodbyes, and questions about the assistant."""

import re
from typing import Literal

from rag_service.domain.answering.language.text_features import plain

Talk = Literal["greeting", "thanks", "goodbye", "identity", "mood"]

MAX_SMALL_TALK_CHARACTERS = 80
"""Characters: a longer message is more than small talk."""

_NAME = r"(?:[ ,]+(?:there|all|everyone|everybody|team|support|bot|assistant|again|zusammen|alle|a todos|tous))?"
_WORDS: dict[Talk, str] = {
    "greeting": (
        r"hi+|hey+|hello+|howdy|yo|good (?:morning|afternoon|evening|day)|greetings|hallo|servus|moin(?: moin)?"
        r"|grüß (?:gott|dich)|gruezi|guten (?:morgen|tag|abend)|bonjour|bonsoir|salut|coucou|hola|buen[oa]s"
        r"(?: (?:días|dias|tardes|noches))?|ciao|salve|buongiorno|buonasera|olá|oi|bom dia|boa tarde|hej|cześć"
        r"|dzień dobry|merhaba|selam|привет|здравствуйте|你好|您好|こんにちは|안녕하세요|مرحبا|السلام عليكم|नमस्ते|שלום"
    ),
    "thanks": (
        r"(?:many |ok(?:ay)? |great |perfect |super )?(?:thanks?(?: you)?|thx|ty|cheers)(?: (?:a lot|so much"
        r"|very much"
        r"|again|for (?:the|your) help|a bunch))?|much appreciated|(?:vielen |besten |herzlichen )?dank(?:e)?"
        r"(?: schön| sehr)?|dankeschön|merci(?: beaucoup| bien)?|(?:muchas )?gracias|grazie(?: mille)?|obrigad[oa]"
        r"|tack|teşekkürler|спасибо|谢谢(?:你|您)?|ありがとう(?:ございます)?|감사합니다|شكرا|धन्यवाद|תודה"
    ),
    "goodbye": (
        r"(?:good ?)?bye+(?: bye)?|see (?:you|ya)(?: later| soon| tomorrow)?|good ?night|have a (?:nice|good|great)"
        r" (?:day|one|evening|weekend)|take care|cya|tschüss|tschüs|auf wiedersehen|bis (?:bald|später|dann)"
        r"|schönen (?:tag|abend)(?: noch)?|au revoir|à bientôt|adiós|adios|hasta luego|arrivederci|tchau"
        r"|до свидания|пока|再见|さようなら"
    ),
    "identity": (
        r"(?:who|what) are you|what(?:'s| is) your name|are you (?:a )?(?:human|robot|bot|machine|real|an? ai)"
        r"|(?:who|what) (?:am i|is this) (?:talking|speaking|chatting)(?: (?:to|with))?|what can you do"
        r"|(?:how|what) can you help(?: me)?(?: with)?|wer bist du|wer sind sie|was kannst du|qui es[- ]tu"
        r"|qui êtes[- ]vous|quién eres|quien eres|¿quién eres|chi sei|你是谁"
    ),
    "mood": (
        r"how are you(?: doing)?(?: today)?|how(?:'s| is) it going|what'?s up|wie geht(?:'s| es dir| es ihnen)"
        r"|ça va|comment (?:ça va|allez[- ]vous)|(?:¿)?(?:qué tal|cómo estás)|come stai|nice to meet you"
        r"|ok(?:ay)?|great|perfect|cool|good|alles klar|super|got it|i see|👍|🙏|😊"
    ),
}
_PATTERNS = {talk: re.compile(rf"(?:{pattern}){_NAME}", re.IGNORECASE) for talk, pattern in _WORDS.items()}
_WEIGHTIEST_LAST: list[Talk] = ["greeting", "mood", "goodbye", "thanks", "identity"]
_REPLIES: dict[Talk, str] = {
    "greeting": "Hello! Ask me anything about what is written in your documents, and I'll look it up.",
    "thanks": "You're welcome! If anything else comes up, just ask.",
    "goodbye": "Goodbye! I'm here whenever you have another question.",
    "identity": (
        "I'm the assistant of this help desk, a program. I look your question up in your company's documents and tell "
        "you what they say, with the place where it stands. What I can't find, a person can answer."
    ),
    "mood": "All well here, thank you! What would you like to know?",
}


def small_talk_kind(text: str) -> Talk | None:
    """Return the kind of small talk; None if the message (also) asks for something."""
    normalized = " ".join(plain(text).split())
    if not normalized or len(normalized) > MAX_SMALL_TALK_CHARACTERS:
        return None
    parts = [part.strip(" \t~*_") for part in re.split(r"[¡¿!?.,;:…。！？،:)(]+", normalized)]
    found = [_one(part) for part in parts if part]
    if not found or None in found:
        return None
    # "Hi, who are you?" gets the reply about identity.
    return max((each for each in found if each), key=_WEIGHTIEST_LAST.index)


def small_talk_reply(text: str) -> str | None:
    """Return a friendly reply to small talk, else None."""
    talk = small_talk_kind(text)
    return _REPLIES[talk] if talk else None


def _one(part: str) -> Talk | None:
    return next((talk for talk, pattern in _PATTERNS.items() if pattern.fullmatch(part)), None)
