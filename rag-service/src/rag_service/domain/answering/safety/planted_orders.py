"""Recognizes orders to the model that reads a text.

Playbooks tell people what to do and say, too ("Ask the user to enter the code", "Never tell the customer …"). An order
is planted where it addresses a machine, asks for secrets or money, or hides itself.
"""

import re

_OLDER = (
    r"(?:(?:all|any|every|the|your|these|those|of|previous|prior|earlier|above|preceding|former|foregoing|other|system"
    r"|safety|existing|current|original|given)\s+){1,6}"
)
_INSTRUCTIONS = (
    r"(?:instructions?|prompts?|rules?|directions?|guidelines?|guardrails?|commands?|orders?|constraints?|policies)"
)
# "Never ignore the safety rules", "Drivers who ignore the rules", "N'ignorez pas …".
_ORDERED = (
    r"(?<!never )(?<!not )(?<!n't )(?<!n’t )(?<!cannot )(?<!who )(?<!they )(?<!that )(?<!employees )(?<!people )"
    r"(?<!users )(?<!staff )(?<!drivers )(?<!anyone )(?<!managers )(?<!n')(?<!n’)(?<!no )(?<!nunca )(?<!non )(?<!mai )"
    r"(?<!não )(?<!nie )"
)
_OLD_ORDERS = (
    rf"{_ORDERED}\b(?:ignore|disregard|forget|override|bypass|discard|skip|neglect)\s+{_OLDER}{_INSTRUCTIONS}"
    r"\b(?! if you have\b)"
    r"|\b(?:ignore|disregard|forget)\s+(?:everything|anything|all|what)\b.{0,40}\b(?:above|before|previous\w*|told|said"
    r"|so far|learned)\b"
    r"|\b(?:ignore|disregard|forget)\s+(?:the\s+)?(?:above|foregoing|preceding)\b"
)
_OLD_ORDERS_ELSEWHERE = (
    r"\b(?:ignorier\w*|vergiss|vergessen sie|missachte\w*)\b(?! (?:bitte )?(?:nicht|nie)\b)(?:(?!\bnicht\b).){0,40}"
    r"\b(?:anweisung\w*|instruktion\w*|regeln|vorgaben|bisherige\w*)(?! nicht\b)"
    rf"|{_ORDERED}\b(?:ignore[zr]?|oublie[zr]?)\b(?! (?:pas|jamais)\b).{{0,40}}\b(?:instructions|consignes|règles"
    r"|directives)\b"
    rf"|{_ORDERED}\b(?:ignor[ae]|olvid[ae]|dimentica|esqueça)\b.{{0,40}}\b(?:instrucciones|reglas|órdenes|indicaciones"
    r"|istruzioni|regole|instruções)\b"
    r"|\b(?:negeer|vergeet)\b.{0,30}\b(?:vorige|eerdere|voorgaande|alle)\b.{0,20}\b(?:instructies|regels|opdrachten)\b"
    r"|\b(?:z?ignoruj|zapomnij)\b.{0,30}\b(?:poprzedni|wcześniejsz|wszystki|předchozí|dosavadní|všechny)\w*\b.{0,20}"
    r"\b(?:instrukc|polece|pokyn)\w*"
    r"|\b(?:ignorera|glöm|ignorer|glem)\b.{0,30}\b(?:tidigare|tidligere|alla|alle)\b.{0,20}\b(?:instru|anvis)\w+"
    r"|(?:忽略|无视|忘记).{0,20}(?:指令|指示|规则|提示)|игнорируй\w*.{0,40}(?:инструкц|указани|правил)|以前の指示"
    r"|(?:指示|命令)を無視"
)
# Not "You are now subscribed", "You are no longer covered", "Du bist jetzt angemeldet".
_NEW_ROLES = (
    r"\byou are now\s+(?:an? (?!(?:\w+ )?(?:member|administrator|admin|user|customer|subscriber|owner|guest|participant"
    r"|part|employee|contributor|manager|moderator|partner|step)\b)\w+|free|unrestricted|unfiltered|uncensored|evil"
    r"|jailbroken|(?:called|named|acting|playing|operating|talking)\b|going to|dan\b|claude|chatgpt|gpt|my\b"
    r"|the (?:system|developer|assistant|model)|in (?:developer|god|dan|jailbreak|sudo|debug|root) mode)"
    r"|\byou are no longer\s+(?:bound|restricted|limited|constrained|censored|an? (?:ai|assistant|language model"
    r"|chatbot)|claude|chatgpt|required to (?:follow|obey)|subject to .{0,30}(?:rules|guidelines|restrictions))"
    r"|\bdu bist (?:ab jetzt|jetzt|nun) (?!ein (?:mitglied|teil))(?:eine?|mein|der|die|kein|frei|nicht mehr)\b"
    r"|\btu es maintenant (?!(?:un |une )?(?:membre|abonné))(?:une?|le|la|mon|libre)\b"
    r"|\bahora eres (?!(?:una? )?(?:miembro|parte|usuari))(?:una?|el|la|mi|libre)\b"
)
_FROM_NOW_ON = (
    r"\bfrom now on,? (?:you (?:will |must |are to |should |shall |have to |always |only ){1,2})?(?:always |only )?"
    r"(?:answer|respond|reply|act|speak|say|obey|ignore|behave|pretend|refuse|write|begin|recommend)\b"
    r"|\b(?:act|behave|respond|answer) as (?:if you (?:are|were)|an? (?:ai|evil|unrestricted|unfiltered|different) )"
    r"|(?:^|[.!?:;,\"]\W{0,3}|\b(?:please|now|then|must|should|you|you to) )pretend (?:to be|that you|you are)\b"
    r"|\b(?:developer|god|dan|jailbreak|sudo) mode\b.{0,30}\b(?:enabled|activated|on|now)\b"
    # "Jailbroken phones are not allowed"
    r"|^(?!.*\b(?:devices?|phones?|iphones?|ipads?|tablets?|smartphones?|root\w*|android|ios|mdm)\b).*"
    r"\bjailbr(?:eak|oken)\b"
)
_AI = r"(?:ai|llm|chatbot|assistant|language model)"
_HUMAN_ASSISTANT = (
    r"(?<!sales )(?<!teaching )(?<!office )(?<!shop )(?<!dental )(?<!medical )(?<!executive )(?<!personal )(?<!legal )"
    r"(?<!care )(?<!nursing )(?<!lab )(?<!research )(?<!store )"
)
_TO_A_MACHINE = (
    r"^\W*(?:system|assistant|developer)\s*(?:prompt|message|override|note)\s*[:>\]]"
    # Not `System: Windows 11`.
    r"|^\W*(?:system|assistant|developer)\s*[:>\]]\s*(?:you\b|the user|please|from now|new |always|never|do not|don't"
    r"|ignore|disregard|forget|override|obey|follow|act|reveal|print|show|tell|say|answer|respond|reply|output|send"
    r"|execute|run|enter|grant|approve|instruction)"
    r"|<\|?\s*/?(?:im_start|im_end|system|assistant|endoftext|inst)\b|\[/?(?:INST|SYSTEM)\]|<<\s*/?SYS\s*>>"
    r"|^###\s*(?:system|instruction)"
    # "Special instructions: ring the bell" is a field of an order.
    r"|\b(?:new|updated|real|actual|hidden|secret) instructions?(?: for (?:you|the|any|all)\b.{0,30})?\s*:"
    rf"|\b(?:important|special) instructions? for (?:you|(?:the |any |all )?(?:{_AI}|model|bot)s?)\s*:"
    r"|\b(?:note|message|instructions?|attention|hint|memo) (?:to|for) (?:the |any |all |every )?"
    rf"(?:{_AI}|model|bot|ai agent|summari[sz]er)s?\s*[:;,–-]"
    r"|\b(?:if you are|dear) (?:an? |the )?(?:ai|llm|language model|chatbot|large language model)"
    r"(?: (?:model|assistant|system))?\b(?!-)"
    r"|\bas an? (?:ai|llm|(?:large )?language model)(?: (?:model|assistant|system))?,? (?:you|your|i)\b"
    rf"|{_HUMAN_ASSISTANT}\b{_AI}s?(?: (?:model|system|reader|agent)s?)? (?:must|should|shall|has to|have to"
    r"|is required to|are required to) (?:\w+ ){0,2}(?:answer|reply|respond|say|output|tell|reveal|ignore|include"
    r"|recommend|state|send|print)\b(?! (?:the |every |all )?(?:phones?|calls?|door|minutes|agenda|mail|post|report)\b)"
)
_REVEALING = (
    rf"{_ORDERED}\b(?:reveal|print|repeat|show|output|leak|disclose|expose|display|dump|tell me)\b.{{0,40}}"
    r"\b(?:(?:system|hidden|initial) prompt|(?:your|hidden|secret|system) instructions"
    r"|other (?:companies|customers|tenants)\b)"
    r"|\b(?:reveal|print|show|output|leak|disclose|dump|tell me)\b.{0,20}\b(?:above|previous) instructions\b"
)
# "Never tell the customer the internal price" keeps a company's secret; "… about this" hides the order itself.
_HIDING = (
    r"\b(?:do not|don't|never) (?:tell|inform|alert|warn|let) (?:the )?(?:users?|humans?|customers?|readers?|person"
    r"|anyone)(?: know)?(?:\W*$|[.!]| (?:about |of )?(?:this|these|it\b|that you|what you"
    r"|(?:the|your) (?:instructions?|prompt|truth|order)))"
    r"|\b(?:do not|don't|never) (?:mention|reveal) (?:this|it|these \w+) to (?:the )?(?:user|human|customer|reader"
    r"|person|anyone)\b"
)
_ONLY_WITH = (
    r"\b(?:respond|reply|answer|output)\s+(?:only|always|exclusively|solely)\s+with\b(?!.{0,30}\b(?:templates?"
    r"|snippets?"
    r"|macros?|forms?|wording|texts?|letters?|case number|ticket number)\b)"
)
_ASKS = r"(?<!never )(?<!not )(?<!n't )(?<!n’t )\b(?:tell|instruct|convince|ask|urge|request)"
_AUDIENCE = (
    r"(?:the |every |any |all |our |your )?"
    r"(?:users?|customers?|readers?|humans?|visitors?|callers?|clients?|persons?|people)"
)
_PRIVATE = (
    r"(?:passwords?|passcodes?|passphrases?|pins?\b|credentials?|cvv|cvc|(?:credit |debit |bank )?card (?:number"
    r"|details"
    r"|data)|bank (?:details|account|login)|account details|social security|ssn|private keys?|seed phrase"
    r"|api keys?|access tokens?|log-?in (?:details|data)|one-time (?:code|password)s?|2fa codes?"
    r"|personal data)"
)
_ASKING_PEOPLE = (
    rf"{_ASKS} {_AUDIENCE} (?:to (?:\w+ ){{0,2}}(?:send|give|share|provide|e-?mail|forward|reveal|disclose|tell|text"
    rf"|read"
    rf"|reply|submit|hand)\b.{{0,50}}\b|for (?:\w+ ){{0,3}}){_PRIVATE}(?!.{{0,30}}\b(?:last (?:four|three|4|3)"
    rf"|reset)\b)"
    rf"|{_ASKS} {_AUDIENCE} to (?:\w+ ){{0,2}}(?:visit|open|go to|click|pay|transfer|wire|log ?in|sign in"
    rf"|send)\b.{{0,60}}"
    r"(?:https?://|www\.|\bbitcoin|\bgift cards?|\bcrypto|\bwallet|\bwire transfer|\bthis link|\biban\b)"
    rf"|{_ASKS} {_AUDIENCE} to (?:\w+ )?(?:wire|transfer)\b.{{0,30}}\b(?:money|funds|\d+|amount|payment)"
    r"|(?<!nie )(?<!nicht )\b(?:bitten? sie|bitte|fordere?|fordern sie|sage?|sagen sie) (?:den|die|dem|alle) (?:nutzer"
    r"|benutzer|kund|anwender|leser)\w*\b(?:(?!\bnie|\bnicht\b).){0,40}\b(?:passw(?:ort|örter)|kennw(?:ort|örter)|pin"
    r"|zugangsdaten|kreditkarte\w*)\b.{0,40}\b(?:senden|schicken|mitteilen|mitzuteilen|nennen|weiterzugeben|verraten"
    r"|schickt|sendet)\b"
    r"|\b(?:demande[zr]?|dis|dites) (?:à|aux?) (?:l'|la |le )?(?:utilisateur|client)\w*\b.{0,40}\b(?:mot de passe"
    r"|code secret|carte bancaire|identifiants)"
    r"|(?<!nunca )(?<!no )\b(?:pid[ae]|dile|diga) (?:al|a los?|a la) (?:usuari|client)\w*\b.{0,40}\b(?:contraseña"
    r"|tarjeta|pin\b|credenciales)"
)
_SAYS = r"(?:say|answer|reply|respond|tell|claim|state)\b"
# "When asked about refunds, say that they take five days" is a playbook's.
_WHEN_ASKED = (
    rf"\bwhen(?:ever)? you(?:'re| are) asked\b.{{0,60}}, (?:always |just |only )?{_SAYS}"
    r"|\bwhen(?:ever)? (?:asked|(?:someone|(?:the|a|any) (?:user|customer|caller)) asks)\b.{0,60},\s*"
    rf"(?:(?:just|only|you must|please) {_SAYS}|(?:always )?{_SAYS}.{{0,40}}(?:\b(?:secret|confidential|hacked|pwned"
    rf"|compromised|bankrupt|scam|nothing)\b|https?://|\b(?:yes|no|ok|\d+)\b\W*$|\b{_PRIVATE}))"
)

_PLANTED = tuple(
    (tuple(needed.split(",")), re.compile(f"(?i){pattern}"))
    for needed, pattern in (
        ("ignore,disregard,forget,override,bypass,discard,skip,neglect", _OLD_ORDERS),
        ("ignor,verg,missacht,oubli,olvid,dimentic,esque,negeer,zapomn,gl,指,规,提,命,игнор", _OLD_ORDERS_ELSEWHERE),
        ("you are no,bist,tu es,ahora", _NEW_ROLES),
        ("now on, as ,pretend,mode,jailbr", _FROM_NOW_ON),
        ("system,assistant,developer,<,[,instruction,ai,llm,bot,model,summari", _TO_A_MACHINE),
        ("prompt,instruction,other ", _REVEALING),
        ("tell,inform,alert,warn,let ,mention,reveal", _HIDING),
        (" with", _ONLY_WITH),
        ("tell,instruct,convince,ask,urge,request,bitte,forder,sag,demand,dis,dites,pid,dile,diga", _ASKING_PEOPLE),
        ("asked,asks", _WHEN_ASKED),
    )
)
"""Each pattern with substrings of which every match has one: most sentences have none, and are not matched at all."""


def has_planted_order(text: str) -> bool:
    """Return whether a text (as a reader sees it) gives an order to the model that reads it."""
    folded = text.casefold()
    return any(any(each in folded for each in needed) and pattern.search(text) for needed, pattern in _PLANTED)
