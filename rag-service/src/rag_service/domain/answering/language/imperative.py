"""Recognizes sentences that tell people what to do."""

import re

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


def is_imperative(sentence: str) -> bool:
    """Return whether a sentence tells somebody to do something."""
    return _IMPERATIVE.search(sentence) is not None
