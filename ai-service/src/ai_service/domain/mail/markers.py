"""Patterns of the lines by which mail programs mark quotes, signatures and disclaimers. Each pattern is bounded."""

import re

_FLAGS = re.IGNORECASE
MAX_LINE_CHARACTERS = 998
"""RFC 5322 allows no longer lines; only the beginning of a longer one is compared."""

QUOTED = re.compile(r"[ \t]{0,10}(?:>[ \t]?)+")

_FORWARDED = (
    r"original message|original appointment|forwarded message|forwarded by [^\n]{1,100}|begin forwarded message|"
    r"urspr(?:ü|ue)ngliche (?:nachricht|e-?mail)|originalnachricht|weitergeleitete (?:nachricht|e-?mail)|"
    r"anfang der weitergeleiteten (?:nachricht|e-?mail)|"
    r"message d['\u2019]origine|message original|message transf[ée]r[ée]|d[ée]but du message (?:transf[ée]r[ée]|"
    r"r[ée]exp[ée]di[ée])|"
    r"mensaje original|mensaje reenviado|inicio del mensaje reenviado|"
    r"(?:orijinal|özgün|ilk) (?:mesaj|ileti)|iletilen (?:mesaj|ileti)|iletilmiş (?:mesaj|ileti)|"
    r"messaggio originale|messaggio inoltrato|inizio messaggio inoltrato|"
    r"mensagem original|mensagem (?:encaminhada|reencaminhada)|"
    r"oorspronkelijk bericht|origineel bericht|doorgestuurd bericht|begin doorgestuurd bericht|"
    r"(?:oryginalna )?wiadomość (?:oryginalna|przekazana)?|ursprungligt meddelande|vidarebefordrat meddelande|"
    r"oprindelig meddelelse|videresendt meddelelse|исходное сообщение|пересылаемое сообщение"
)
SEPARATOR = re.compile(
    rf"[ \t>*]{{0,10}}(?:[-_=]{{2,40}}[ \t]?(?:{_FORWARDED})[ \t]?[-_=]{{2,40}}|"
    rf"(?:{_FORWARDED})[ \t]?:)[ \t*]{{0,10}}$",
    _FLAGS,
)
UNDERLINE = re.compile(r"[ \t]{0,10}_{20,}[ \t]{0,10}$")

_FROM = r"from|von|de|da|van|od|från|fra|lähettäjä|gönderen|kimden|от|от кого|发件人|寄件者|差出人|보낸 ?사람"
_SENT = (
    r"sent|date|gesendet|datum|envoyé|date|enviado|enviado el|fecha|gönderildi|gönderme tarihi|tarih|inviato|data|"
    r"enviada|"
    r"enviada em|verzonden|wysłano|skickat|sendt|dato|отправлено|дата|发送时间|日期|送信日時|날짜|보낸 ?날짜"
)
_SUBJECT = r"subject|betreff|objet|sujet|asunto|konu|oggetto|assunto|onderwerp|temat|ämne|emne|тема|主题|主旨|件名|제목"
_TO = r"to|an|à|para|kime|alıcı|a|aan|do|till|til|кому|收件人|宛先|받는 ?사람|cc|kopie|kopi|kopia|bilgi"


def _header(names: str) -> re.Pattern[str]:
    return re.compile(rf"[ \t>*]{{0,10}}(?:{names})[ \t\xa0*]{{0,3}}[:：]", _FLAGS)


HEADERS = {"from": _header(_FROM), "sent": _header(_SENT), "subject": _header(_SUBJECT), "to": _header(_TO)}
INLINE_HEADER = re.compile(rf"[ \t\xa0*](?:{_SENT}|{_SUBJECT})[ \t\xa0*]{{0,3}}[:：]", _FLAGS)
"""`Von: Anna Gesendet: Montag Betreff: Drucker` in one line."""

ATTRIBUTION = re.compile(
    r"(?:wrote|schrieb|a [ée]crit|escribió|ha scritto|schreef|geschreven|escreveu|napisał(?:\(a\)|a)?|skrev|kirjoitti|"
    r"(?:şunu |şunları )?yazdı|написал(?:\(а\)|а)?|写道|님이 작성)[^\n:：]{0,100}[ \t\xa0]?[:：][ \t]{0,10}$",
    _FLAGS,
)
ATTRIBUTION_BEGINS = re.compile(
    r"[ \t>]{0,10}(?:on|am|le|el|il|op|em|dnia|w dniu|den|på|\d|\S{1,12},? \d|mon|tue|wed|thu|fri|sat|sun|"
    r"[^\s@]{1,60}@|"
    r"\S{1,40} \S{1,40} <)",
    _FLAGS,
)
DATED = re.compile(r"\d{1,2}[:.]\d\d|\b(?:19|20)\d\d\b|@")

WITHIN_A_LINE = re.compile(
    rf"((?<![-_=])[-_=]{{3,40}}[ \t]?(?i:{_FORWARDED})[ \t]?[-_=]{{3,40}})"
    r"|(?<=[\s.!?])((?:On|Am|Le|El|Il|Op|Em) [^\n]{5,150}?"
    r"(?:wrote|schrieb(?: [^\n:]{1,80})?|a écrit|escribió|ha scritto|escreveu|schreef(?: [^\n:]{1,80})?)"
    r"[ \xa0]?:(?=\s|$))"
    r"|(?<=[\s.!?])(?=(?:From|Von|De|Da|Van|Gönderen|Kimden)[ \xa0]?:[ \xa0]?[^\n:]{1,200}[ \xa0]"
    r"(?:Sent|Gesendet|Envoyé|Enviado(?: el)?|Enviada em|Inviato|Verzonden|Gönderildi|Gönderme Tarihi|Tarih|Date)"
    r"[ \xa0]?:)"
)
"""Separators, attributions and headers inside a line, as programs that join lines leave them."""

SIGNATURE = re.compile(r"(?:--|—|–)[ \t]{0,10}$")
SENT_FROM = re.compile(
    r"(?:sent (?:from|via|with|using)|get outlook for|gesendet (?:von|mit|aus|über|via)|von (?:meinem|"
    r"meiner) .{1,40} gesendet|"
    r"diese (?:e-?mail|nachricht) wurde .{1,60}(?:gesendet|verschickt)|holen sie sich outlook|"
    r"envoy[ée] (?:de|depuis|à partir|avec|via)|t[ée]l[ée]charge[rz] outlook|obtenir outlook|"
    r"enviado (?:desde|con|do|de|a partir)|obtener outlook|obtenha o outlook|"
    r"inviato da|ottieni outlook|scarica outlook|verstuurd (?:vanaf|met)|verzonden (?:vanaf|met)|"
    r"wysłan[oe] z|skickat från|sendt fra|lähetetty|.{1,40}(?:dan|den|tan|ten) gönderildi|"
    r"outlook['\u2019]?[uü] (?:edinin|indirin))",
    _FLAGS,
)
MAX_SENT_FROM_CHARACTERS = 90
SENT_FROM_BEHIND = re.compile(
    r"(?<=[.!?])[ \t]{1,10}(?:sent from my|von meinem|gesendet von meinem|envoyé de mon|"
    r"enviado desde mi)[^.!?\n]{1,40}\.?[ \t]{0,10}$",
    _FLAGS,
)

CLOSING = re.compile(
    r"[ \t]{0,10}(?:(?:with )?(?:best|kind|warm|many|kindest|warmest) (?:regards|wishes)|regards|rgds|br|sincerely|"
    r"yours|cheers|"
    r"yours (?:sincerely|faithfully|truly)|all the best|"
    r"mit (?:freundlichen|besten|herzlichen|lieben) gr[üu](?:ß|ss)en|(?:viele|liebe|beste|freundliche|"
    r"herzliche) gr[üu](?:ß|ss)e|"
    r"freundliche gr[üu](?:ß|ss)e|mfg|lg|vg|"
    r"(?:bien )?cordialement|salutations(?: distinguées)?|bien à vous|meilleures salutations|"
    r"(?:un )?(?:cordial )?saludos?|saludos cordiales|atentamente|cordialmente|"
    r"sayg[ıi]lar[ıi]m(?:la|[ıi]zla)|sayg[ıi]lar|iyi çal[ıi]şmalar|"
    r"cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?|z poważaniem|pozdrawiam|med vänliga hälsningar|"
    r"atenciosamente)"
    r"(?:,|\.|!|$| und | / |[ \t]{1,3}[A-ZÀ-Ý])",
    _FLAGS,
)
MAX_CLOSING_CHARACTERS = 60
POSTSCRIPT = re.compile(r"[ \t]{0,10}p\.? ?s\b", _FLAGS)

DISCLAIMER_BEGINS = re.compile(
    r"[ \t*\[\]]{0,10}(?:this (?:e-?mail|message|communication)|the (?:information|contents?) (?:of|in|"
    r"contained in) this|"
    r"the information transmitted|confidentiality|confidential|disclaimer|privileged|important notice|legal notice|"
    r"caution|warning|"
    r"external|notice:|attention:|"
    r"diese (?:e-?mail|nachricht)|der inhalt dieser|haftungsausschluss|vertraulichkeit|achtung|wichtiger hinweis|"
    r"ce (?:message|courriel|mail|courrier)|cet e-?mail|avis de confidentialit|"
    r"este (?:mensaje|correo)|esta mensagem|aviso (?:legal|de confidencialidad)|advertencia|"
    r"bu (?:e-?posta|mesaj|ileti)|gizlilik|uyar[ıi]|"
    r"questo messaggio|dit bericht|deze e-?mail|please consider the environment|think before you print|"
    r"bitte denken sie an die umwelt)",
    _FLAGS,
)
DISCLAIMER_WORDING = re.compile(
    r"confidential|intended (?:only|solely|for)|intended recipient|privileged|originated (?:from )?outside|"
    r"outside (?:of )?(?:the|your|our)|"
    r"do not click|external sender|environment|before you print|liab(?:le|ility)|"
    r"vertraulich|nicht der (?:richtige|beabsichtigte) (?:adressat|empfänger)|externe[nr]? absender|umwelt|"
    r"confidentiel|destinataire|confidencial|destinatari|gizli|alıcı|vertrouwelijk|riservat",
    _FLAGS,
)

FORWARDING_NOTE = re.compile(
    r"[^\n]{0,60}\b(?:fyi|fwd?|f\.?y\.?i\.?|see below|below|see attached|forward(?:ed|ing)?|pls see|please see|"
    r"siehe unten|s\. ?u|z\. ?k|zur info(?:rmation)?|zur kenntnis(?:nahme)?|unten|weitergeleitet|"
    r"mit (?:der )?bitte um|bitte (?:um )?bearbeit|"
    r"ci-dessous|pour info(?:rmation)?|voir plus bas|transmis|abajo|para su (?:información|conocimiento)|reenvío|"
    r"aşağıda(?:ki)?|bilginize|bilginiz|vedi sotto|zie onder|ter info|w załączeniu|poniżej)\b",
    _FLAGS,
)
MAX_FORWARDING_NOTE_WORDS = 8
"""A text of at most so many words with a forwarding note is no ticket of its own."""
