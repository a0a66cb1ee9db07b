"""Detects automatic messages: absence notes, delivery reports, newsletters."""

import re
from collections.abc import Collection

READ_CHARACTERS = 4_000
ABSENCE_CHARACTERS = 400
"""Characters in which an absence note mentions the absence."""
END_CHARACTERS = 1_000
"""Characters at the end in which a newsletter says how to unsubscribe."""

_REPLIES = r"(?:re|aw|fw|fwd|wg|tr|rv|sv|ynt|ilt)[ \t]?:[ \t]?"
_TITLE = re.compile(
    rf"[ \t\[]{{0,5}}(?:{_REPLIES}){{0,3}}(?:"
    r"auto(?:matic|mated)?[ -]?(?:reply|response|answer)\b|auto(?:matic|mated) (?:notification|e-?mail|"
    r"message)(?: ?:|$)|"
    r"out of (?:the )?office|out-of-office|ooo\b|away from (?:the )?office|vacation (?:reply|notice|responder)|"
    r"on (?:vacation|(?:annual |parental |maternity |sick )?leave)(?:$|[ ,:]+(?:until|till|from|back))|"
    r"automatische (?:antwort|abwesenheit)|abwesenheit(?:snotiz|sbenachrichtigung|smeldung)?(?: ?:|$| bis| vom)|"
    r"abwesend(?:$| bis| vom)|außer haus|nicht im (?:büro|haus)|"
    r"r[ée]ponse automatique|absence du bureau|absente? du bureau|absente? jusqu|en cong[ée]s?(?:$| jusqu| du)|"
    r"respuesta autom[áa]tica|fuera de (?:la )?oficina|ausente hasta|"
    r"otomatik (?:yanıt|cevap)|ofis dışı|"
    r"risposta automatica|fuori (?:sede|ufficio)|automatisch antwoord|afwezig(?:$| tot)|resposta autom[áa]tica|"
    r"fora do escrit[óo]rio|automatyczna odpowied|autosvar|"
    r"undeliverable|undelivered mail|delivery status notification|mail delivery|returned mail|failure notice|"
    r"(?:message )?delivery (?:failure|has failed|report|notification)|non[ -]?delivery|read receipt|(?:not )?read: |"
    r"unzustellbar|nicht zustellbar|zustellung(?:sbenachrichtigung| fehlgeschlagen)|übermittlung fehlgeschlagen|"
    r"non remis|[ée]chec de (?:la )?remise|no se puede entregar|error de entrega|no entregado|"
    r"teslim edilemedi|iletilemedi|mancato recapito|onbestelbaar|"
    r"(?:[^\s.?!]{1,30} ){0,4}newsletter(?: (?:no\.?|nr\.?|#|issue|week)? ?[\w/.-]{0,12}){0,2}$"
    r")",
    re.IGNORECASE,
)
_MACHINE_NOTE = re.compile(
    r"this is an auto(?:matic|mated|matically|-)|this (?:e-?mail|message) (?:was|is) (?:sent )?automatic|"
    r"(?:dies|das) ist eine automatisch|diese (?:e-?mail|nachricht) wurde automatisch|"
    r"ceci est (?:un message|une r[ée]ponse) automatique|(?:ce|cet) (?:message|e-?mail) (?:est|"
    r"a [ée]t[ée]) .{0,20}automatique|"
    r"est[ea] (?:es un|es una|mensaje|correo).{0,20} autom[áa]tic|"
    r"bu (?:bir )?otomatik|bu (?:mesaj|e-?posta|ileti) otomatik|"
    r"your (?:message|e-?mail) (?:to .{1,100} )?(?:could not|couldn't|was not|has not|wasn't) (?:be |been )?delivered|"
    r"delivery to the following recipients?|this is the mail (?:system|delivery)|mailer-daemon|"
    r"delivery has failed to these recipients|"
    r"(?:ihre|deine) (?:nachricht|e-?mail) .{0,100}konnte nicht zugestellt|"
    r"votre (?:message|courriel) .{0,100}n'a pas pu [êe]tre (?:remis|distribu)|"
    r"(?:su|tu) mensaje .{0,100}no (?:se )?(?:ha podido|pudo)|(?:mesajınız|iletiniz) .{0,100}(?:teslim edilemedi|"
    r"iletilemedi)",
    re.IGNORECASE,
)
_WORDS_OF_MACHINE_NOTE = (
    "auto", "otomatik", "deliver", "mailer-daemon", "mail system", "zugestellt", "remis", "distribu", "podido", "pudo",
    "teslim", "iletilemedi",
)  # fmt: skip
"""One of these stands in every note in ASCII. To look for them takes a tenth of the time of the pattern."""
_ABSENT = re.compile(
    r"\bi(?:'m| am|\u2019m| will be) (?:currently |now )?(?:out of (?:the )?office|away|on (?:vacation|holiday|"
    r"leave|\w{3,12} leave))\b|"
    r"\bich bin (?:\S{1,15} ){0,6}(?:nicht im (?:büro|haus|hause)|außer haus|im urlaub|abwesend)|"
    r"\bje suis (?:actuellement )?(?:absente?|en cong[ée]s?)\b|\b(?:estoy|estar[ée]) (?:fuera de (?:la )?oficina|"
    r"ausente|de vacaciones)|"
    r"(?:ofis dışında|izinde)(?:yim|yım| olacağım)|\bsono (?:fuori (?:sede|ufficio)|assente)|\bik ben (?:afwezig|"
    r"niet aanwezig|met vakantie)",
    re.IGNORECASE,
)
_WORDS_OF_ABSENCE = (
    "office", "away", "vacation", "holiday", "leave", "haus", "urlaub", "abwesend", "absent", "en cong", "oficina",
    "ausente", "vacaciones", "izinde", "fuori", "assente", "afwezig", "aanwezig", "vakantie",
)  # fmt: skip
_SUBSTITUTE = re.compile(
    r"\b(?:contact|call|reach|turn to|respond|reply|get back)\b|limited access|"
    r"wenden sie sich|kontaktieren|vertret|antworte|melde mich|erreichen|"
    r"contacte[rz]|adressez|r[ée]pondrai|joindre|contacte|comun[íi]quese|responder[ée]|arayın|ulaş|dönüş|"
    r"contattare|rivolger|neem contact",
    re.IGNORECASE,
)
_END = re.compile(
    r"unsubscribe|manage your (?:e-?mail )?preferences|view (?:this e-?mail |it )?in (?:your|a) browser|"
    r"newsletter (?:abbestellen|abmelden)|vom newsletter ab|hier abmelden|se d[ée]sabonner|d[ée]sinscri|darse de baja|"
    r"cancelar (?:la )?suscripción|abonelikten (?:çık|ayrıl)|annulla l['\u2019]iscrizione|uitschrijven|"
    r"cancelar inscri",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
"""A person who asks how to unsubscribe gives no link for it; a newsletter does."""


def is_automatic(title: str, description: str) -> bool:
    """Return whether a machine sent a text. Reads the beginning, and for newsletters the end."""
    read, absence = description[:READ_CHARACTERS], description[:ABSENCE_CHARACTERS]
    if _TITLE.match(title[:200]) or (_may_have(read, _WORDS_OF_MACHINE_NOTE) and _MACHINE_NOTE.search(read)):
        return True
    if _may_have(absence, _WORDS_OF_ABSENCE) and _ABSENT.search(absence) and _SUBSTITUTE.search(read):
        return True
    end = description[-END_CHARACTERS:]
    return _LINK.search(end) is not None and _END.search(end) is not None


def _may_have(text: str, words: Collection[str]) -> bool:
    """Return whether one of the words stands in a text; of a text beyond ASCII, whose letters have variants, True."""
    if not text.isascii():
        return True
    lowered = text.lower()
    return any(word in lowered for word in words)
