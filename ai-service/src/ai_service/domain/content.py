"""Detects texts without content: greetings, thanks and function words only."""

from ai_service.domain.folding import words_of_list
from ai_service.domain.languages import STOP_WORDS
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.tokens import tokenize

COURTESIES = words_of_list("""
    best bye cheers day dear desk evening fine forwarded fwd good greeting greetings hello hey hi kind kindly morning
    afternoon please re regard regards sincerely team test testing thank thankful thanks yours urgent asap help support
    question problem issue request ticket somebody someone anybody anyone could would me us
    hallo guten tag morgen abend freundlichen freundliche grüße grüßen gruß liebe lieber geehrte geehrter damen herren
    danke vielen dank bitte hilfe helfen jemand frage anfrage dringend
    bonjour bonsoir salut cher chère madame monsieur merci cordialement bien vous aide aider demande urgence
    hola buenos buenas días tardes noches saludos gracias favor estimado estimada ayuda ayudar puede pregunta
    consulta urgente
    merhaba merhabalar selam günaydın iyi günler teşekkürler teşekkür ederim saygılarımla lütfen yardım soru acil
    ciao buongiorno buonasera salve grazie cordiali saluti prego aiuto domanda
    beste geachte groet groeten vriendelijke bedankt dank alstublieft hulp vraag
    olá bom dia boa tarde obrigado obrigada cumprimentos ajuda pergunta
""")
"""Words of courtesy, and words that only state a request."""
COMMON = frozenset().union(*STOP_WORDS.values(), COURTESIES)
MIN_WORD_CHARACTERS = 2


def has_content(ticket: TicketText) -> bool:
    """Return whether a ticket has a word that is no number, no courtesy and no function word of any language."""
    return any(_is_content(token.word) for token in tokenize(ticket))


def _is_content(word: str) -> bool:
    return len(word) >= MIN_WORD_CHARACTERS and not word.isdigit() and word not in COMMON
