"""Patterns of requests that are refused before a search. A question about a danger is answered, a request for it isn't.

Each pattern therefore needs the form of a request: an order, a wish, or "how can I" right in front of the deed.
"""

import re

_MANNER = (
    r"(?:(?:secretly|quietly|easily|best|just|really|quickly|remotely|anonymously|actually|maybe|also|go and|try to"
    r"|start|please)\s+){0,3}"
)
_WISH = (
    r"(?:how (?:can|do|could|would|should|might) (?:i|we|you|one)|how to|(?:help|teach|show|tell"
    r"|let) me(?: how)?(?: to)?"
    r"|\b(?:i|we)(?:'m|'d|'ll| am| are| have)? (?:want|need|plan|planning|intend|wish|going|gonna|would like|like|about"
    r"|decided|will|must)(?: you)?(?: to)?|(?:ways?|steps|instructions|guide|needed|ingredients|parts|tools) (?:to|for"
    r"|on)"
    r"|(?:can|could|will|would) you|^\W*(?:please)?)\s*" + _MANNER
)
_PERSON = (
    r"(?:him|her|them|people|someone|somebody|my (?:boss|wife|husband|colleague|coworker|co-worker|neighbou?r|ex"
    r"|teacher"
    r"|manager|girlfriend|boyfriend|team))\b"
)
_DEVICES = (
    r"(?:bombs?|explosives?|grenades?|nerve agents?|sarin|ricin|meth|methamphetamine|napalm|bioweapons?"
    r"|chemical weapons?|ransomware|malware|keyloggers?|computer virus(?:es)?|trojans?)\b"
)
# "a malware scanner", "a bomb threat drill": the device only says what the thing is for.
_NO_DEVICE = (
    r"(?!\s+(?:threats?|disposal|detect\w+|squads?|drill|alerts?|scan\w*|reports?|tickets?|filters?|protection|removal"
    r"|training|polic\w+|warnings?|incidents?|licen[cs]es?|permits?|defen[cs]e|insurance|checks?|shelters?|cyclones?))"
)
UNSAFE = re.compile(
    rf"(?i){_WISH}(?:build|mak(?:e|ing)|construct|assemble|synthesi[sz]e|cook|buy|create|write|code|develop|spread|mix)"
    rf"(?:ing)?\s+(?:(?:an?|me|the|some|my|own|our|your|pipe|dirty|nail|homemade|home-made|simple|small|working"
    rf"|undetectable"
    rf"|real|good|powerful|kind of|sort of)\s+){{0,4}}{_DEVICES}{_NO_DEVICE}"
    rf"|{_WISH}(?:kill|hurt|harm|poison|stab|shoot|murder)(?:ing)?\s+(?:myself\b|my self\b|{_PERSON})"
    r"|\bi(?:'m| am| keep| have been|'ve been)? (?:hurting|harming|cutting|killing) myself\b"
    r"|\bi(?:'m| am| feel| feel very)? suicidal\b|\b(?:i|just) (?:want to|wanna|would rather|'d rather) (?:die"
    r"|be dead)\b"
    rf"|{_WISH}(?:commit(?:ting)? suicide|self[- ]harm|end my life)\b|\b(?:end|ending|take|taking) my (?:own )?life\b"
    r"|\b(?:he|she|they|friend|colleague|customer|caller) (?:is|are|'s)?\s?(?:wants?|going|about|trying|threatening) to"
    r" (?:kill|hurt|harm) (?:himself|herself|themselves|themself)\b"
    rf"|{_WISH}hack(?:ing)?\s+(?:into\s+(?!my own\b)|someone|somebody|my (?:boss|colleague|coworker|ex)|an? |the )"
    rf"|{_WISH}(?:steal|crack|phish)\s+(?:\S+\s+){{0,4}}(?:passwords?|identity|identities|credit cards?|data|logins?"
    r"|accounts?|money)\b"
    r"|\bich (?:will|möchte|werde) (?:sterben|mich (?:umbringen|töten))\b|\bbomben? (?:bauen|basteln|herstellen)\b"
    r"|\bwie (?:baue?|bastle|mache) ich (?:eine? )?(?:bomben?|sprengsatz|schadsoftware|trojaner)\b"
    r"|\bwie (?:kann|könnte) ich [^.?!]{0,40}(?:passwort|passwörter|daten|identität|geld)\b[^.?!]{0,30}\b(?:stehlen"
    r"|klauen)\b"
    r"|\bwie (?:kann|könnte) ich [^.?!]{0,40}(?:umbringen|vergiften|verletzen)\b"
    r"|\bje veux (?:mourir|me (?:tuer|suicider))\b|\bcomment (?:puis-je |peut-on |)(?:fabriquer|construire"
    r"|faire) une bombe\b"
    r"|\bcomment (?:puis-je |)(?:voler|pirater) (?:le|la|les|un|une|des)\b"
    r"|\bquiero (?:morir|matarme|suicidarme)\b|\bcómo (?:puedo )?(?:hacer|fabricar|construir) una bomba\b"
    r"|\bcómo (?:puedo )?(?:robar|hackear) (?:el|la|las|los|una?)\b"
    r"|\bvoglio (?:morire|uccidermi)\b|\bcome (?:posso )?(?:costruire|fabbricare) una bomba\b"
)

_FOREIGN = r"(?:other|another|different|foreign)"
_COMPANY = r"(?:compan(?:y|ies)|tenants?|customers?|clients?|organi[sz]ations?)"
_RIVAL = r"(?:(?:someone|somebody) else's|competitor(?:'s|s'?)?)"
_ALL_COMPANIES = r"(?:all|every|each)(?: of)?(?: the)? (?:compan(?:y|ies)|tenants?|organi[sz]ations?)"
_HELD = (
    r"(?:data|documents?|files?|tickets?|passwords?|secrets?|invoices?|records?|knowledge|prices|contracts?|orders?"
    r"|messages?|conversations?|addresses)\b"
)
_THEIRS = (
    rf"(?:(?:{_FOREIGN}\s+{_COMPANY}|{_RIVAL})(?:'s?)?\b[^.?!]{{0,30}}\b{_HELD}"
    rf"|{_ALL_COMPANIES}(?:'s?)?\b[^.?!]{{0,20}}\b{_HELD}"
    rf"|\b{_HELD}[^.?!]{{0,12}}\b(?:of|from|belonging to|about|by)\s+(?:an?\s+|the\s+)?"
    rf"(?:{_FOREIGN}\s+{_COMPANY}|{_ALL_COMPANIES}|someone else|(?:company|tenant)(?:_id)?\s*[=:#]?\s*\d+)"
    rf"|\b(?:company|tenant)(?:_id)?\s*[=:#]?\s*\d+(?:'s)?\s+{_HELD})"
)
_OF_ALL_CUSTOMERS = (
    rf"(?:all|every)(?: of)?(?: the)? (?:customers?|clients?)(?:'s?)?\b[^.?!]{{0,20}}\b{_HELD}"
    rf"|\b{_HELD} (?:of|from|about) (?:all|every) (?:the )?(?:customers?|clients?)"
)
_ORDER = (
    r"(?:(?:^|[.!?,;:]|\b(?:please|now|and|then|hi|hello|(?:can|could|would|will) you|you to|just"
    r"|kindly)\b)\W{0,3}(?:show"
    r"|give|list|tell|dump|print|read"
    r"|send|fetch|get|open|export|display|provide|reveal|summari[sz]e|search|look up|find|share|leak|copy|download"
    r"|disclose)\b)"
)
_LOOK = (
    r"(?:\b(?:can|could|may|how (?:can|do|could|may)) (?:i|we) (?:see|get|read|view|access|find|open|download|have"
    r"|look at"
    r"|look up|list|export)\b|\b(?:i|we)(?:'d| would)? (?:want|need|like|wish)\b(?: to (?:see|read|get|view|access"
    r"|have|know))?"
    r"|\blet me (?:see|read|view)\b)"
)
_PROMPT = (
    r"(?:your (?:\w+ ){0,2}(?:prompts?|(?:initial|hidden|secret|original|exact|full|internal|system) instructions)"
    r"|the (?:\w+ )?(?:system|hidden|initial|secret|original|internal) (?:prompts?|message|instructions)"
    r"|(?:the )?(?:prompt|instructions?|text|message) above|its (?:system )?prompt)\b"
)
INJECTION = re.compile(
    rf"(?i)(?:{_ORDER}|\brepeat)[^.?!]{{0,40}}{_PROMPT}|\byour system prompt\b"
    r"|\bwhat(?:'s| is| was| are| were) (?:your (?:\w+ )?(?:prompt|instructions?)|the system prompt)\W*$"
    r"|\bwhat(?:'s| is| are) (?:in )?(?:the )?(?:documents?|data|files?|tickets?|records?) of (?:company|tenant) \d+"
    r"|\b(?:what|which) (?:are|were) your (?:exact |original |initial )?instructions\b"
    rf"|(?:{_ORDER}|{_LOOK})[^.?!]{{0,40}}{_THEIRS}|{_ORDER}[^.?!]{{0,30}}(?:{_OF_ALL_CUSTOMERS})"
    rf"|\b(?:what|which) (?:\w+ )?{_HELD} (?:do|does|did|have|has) (?:the )?(?:{_FOREIGN}\s+{_COMPANY}|company \d+)"
    rf"|\bwhat (?:do|does|did|is|are) (?:in )?(?:the )?(?:{_FOREIGN}\s+{_COMPANY}(?:'s?)?)\b[^.?!]{{0,30}}"
    rf"(?:{_HELD}|\bask\w*|\bpay)"
    rf"|\bwas (?:steht|ist) in den (?:dokumenten|tickets|daten) anderer? (?:firmen|kunden|unternehmen|mandanten)\b"
    rf"|\b(?:zeig\w*|gib|geben sie|nenn\w*|liste)\b[^.?!]{{0,40}}\b(?:ander\w+|fremd\w+) (?:firm\w+|kund\w+"
    rf"|unternehmen\w*"
    r"|mandant\w+)"
    r"|\b(?:montre\w*|donne\w*|affiche\w*|liste[zr]?)\b[^.?!]{0,40}\bd'autres? (?:entreprises?|clients?|sociétés?)"
    r"|\b(?:muéstra\w*|muestra\w*|dame|enséña\w*|lista)\b[^.?!]{0,40}\bde otr[ao]s? (?:empresas?|clientes?)"
    r"|\b(?:zeig\w*|gib|nenn\w*|verrat\w*)\b[^.?!]{0,30}\b(?:system-?prompt|systemanweisung\w*)"
    rf"|{_ORDER}[^.?!]{{0,20}}\b(?:other|another) (?:people|person|user|employee|colleague)s?'?s?'? (?:messages"
    rf"|tickets|passwords"
    r"|conversations|data)\b"
    rf"|{_ORDER}[^.?!]{{0,20}}\b(?:all|every|everyone's|everybody's)\b[^.?!]{{0,20}}\b(?:passwords?|api keys"
    rf"|credentials"
    r"|secrets|tokens)\b"
    r"|\b(?:passwords?|credentials) of (?:all|every|other|another)\b"
)

_SOMEONE = (
    r"(?:humans?|persons?|agents?|someone|somebody|representatives?|operators?|(?:real )?people(?=\W*$)|support team"
    r"|staff)\b"
)
_SUPERIOR = r"(?:managers?|supervisors?|colleagues?|boss)\b"
_ONE_OF_YOU = (
    r"(?:to |with )?(?:(?:an?|some|any|the|your|one of your|real|live|actual|human|support|service|customer)\s+){0,4}"
)
PERSON = re.compile(
    rf"(?i)(?:(?<!do )(?<!does )(?<!did )\b(?:i|we)(?:'d| would| really| just)*(?: want| need| like| wish| prefer)? to"
    rf"|\b(?:can|could|may|how (?:do"
    rf"|can)) (?:i|we)(?: please)?|\blet me|^\W*(?:please )?)\s*(?:talk|speak|chat)(?:ing)? {_ONE_OF_YOU}"
    rf"(?:{_SOMEONE}|{_SUPERIOR})"
    rf"|\b(?:connect|transfer|put|forward|hand|pass|get|give) (?:me|us)(?: through| over| on)?\s+(?:to |with |onto )?"
    rf"{_ONE_OF_YOU}(?:{_SOMEONE}|{_SUPERIOR})"
    r"|(?:^|[.!,;]\W{0,3}|\bplease )escalate (?:this|it|that|my|our|the)\b|\bwant (?:this|it|my \w+"
    r"|to) (?:be )?escalated?\b"
    rf"|(?<!do )(?<!does )(?<!did )(?<!should )(?<!if )(?<!when )(?<!would )\b(?:i|we)(?: really| just)? (?:want|need"
    rf"|would like"
    rf"|prefer|demand) (?:(?:an?|some|the|real|actual|live)\s+){{0,3}}(?:{_SOMEONE}|managers?\b|supervisors?\b)"
    rf"(?!\s+(?:'s|s'))(?=\W*$|\s*[.!?,;]|\s+(?:please|now|here|asap|instead|immediately|who can|to (?:help|talk|call"
    rf"|look"
    rf"|speak|handle|take)|on the))"
    r"|^\W*(?:(?:a |real |live |the )*(?:human|agent|operator|representative|real person))(?: please)?\W*$"
    r"|\bplease call me\b|\bcall me back\b(?! \w+ (?:is|was))|\b(?:can|could|would|will) (?:you|someone"
    r"|somebody) (?:please )?"
    r"call (?:me|us)\b"
    r"|(?<!muss ich )\bmit (?:einem (?:menschen|mitarbeiter|berater)|einer (?:person|mitarbeiterin)"
    r"|jemandem)\b[^.?!]{0,30}"
    r"\b(?:sprechen|reden|telefonieren)\b|\bparler à (?:un humain|quelqu'un|un conseiller|une personne|un agent)"
    r"|\bhablar con (?:una persona|un humano|un agente|alguien)\b|\bparlare con (?:una persona|un operatore|qualcuno)\b"
    r"|\b(?:een|met een) (?:medewerker|mens) (?:spreken|praten)\b|\bfalar com (?:uma pessoa|um atendente|alguém)\b"
)
ACTION = re.compile(
    r"(?i)^\W*(?:(?:hi|hello|hey)\W+)?(?:(?:please|kindly|can you|could you|would you|will you(?! charge)"
    r"|i want you to|i need you to"
    r"|i'd like you to)\s+){1,2}(?:please\s+)?(?:cancel|refund|delete|close|unlock|reactivate|deactivate|disable|enable"
    r"|upgrade|downgrade|reset|change|update(?! (?:me|us)\b)|transfer|pay|charge|order|approve|grant|revoke|create"
    r"|remove"
    r"|issue|return(?! (?:me|us)\b)|exchange)\b[^.?!]{0,20}\b(?:my|our|me|us)\b"
    r"|^\W*(?:please )?(?:cancel|refund|delete|close|unlock|reactivate|upgrade|downgrade)\s+(?:my|our|me)\b"
)

FOREIGN_SUBJECT = re.compile(
    r"(?i)\b(?:tell|write|compose|sing|make up|give)\b.{0,20}\b(?:joke|poem|song|(?<!user )(?<!success )story|haiku"
    r"|limerick"
    r"|rap|sonnet|novel|lyrics)\b"
    r"|\bweather (?:today|tomorrow|like|forecast|tonight|in [a-z]+ (?:today|tomorrow|now))\b|\bhow(?:'s"
    r"| is) the weather\b"
    r"|\btemperature (?:today|tomorrow|outside|forecast)\b"
    r"|\b(?:stock|share|bitcoin|crypto) price\b(?!\s*(?:lists?|tables?|labels?|tags?|files?|sheets?|columns?|updates?"
    r"|changes?|catalog\w*))"
    r"|\blottery (?:numbers?|results?)\b|\bhoroscope\b|\bwho should i vote\b|\bmeaning of life\b"
    r"|\bwho (?:won|will win)\b.{0,30}\b(?:election|cup|game|match|league|bowl|oscars?|championship|tournament|war|race"
    r"|prize|finals?)\b"
    r"|\bdo you (?:love|like|have feelings)\b|\bwill you marry\b|\b(?:do|write|solve) my homework\b"
    r"|\b(?:was ist das|wie (?:wird|ist) das) wetter\b|\berzähl\w* (?:mir )?(?:einen )?witz\b"
)
