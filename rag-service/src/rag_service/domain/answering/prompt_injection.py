"""Detects prompt injection in passages, and sanitizes text for display.

Passages are data, and instructions in them are never followed. This module also keeps them from being quoted.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from rag_service.domain.answering.sentences import Sentence
from rag_service.domain.answering.text_features import addresses, plain

_OLDER = (
    r"(?:(?:all|any|every|the|your|these|those|of|previous|prior|earlier|above|preceding|former|foregoing|other|system|"
    r"safety|existing|current|original|given)\s+){1,6}"
)
_INSTRUCTIONS = (
    r"(?:instructions?|prompts?|rules?|directions?|guidelines?|guardrails?|commands?|orders?|constraints?|policies)"
)
_ORDERS = re.compile(
    "(?i)" + "|".join(
        (
            rf"\b(?:ignore|disregard|forget|override|bypass|discard|skip|neglect)\s+{_OLDER}{_INSTRUCTIONS}\b",
            r"\b(?:ignore|disregard|forget)\s+(?:everything|anything|all|what)\b.{0,40}\b(?:above|before"
            r"|previous\w*|told|said|so far|learned)\b",
            r"\b(?:ignore|disregard|forget)\s+(?:the\s+)?(?:above|foregoing|preceding)\b",
            r"\byou are (?:now|no longer)\s+(?!(?:able|ready|connected|logged|signed|done|in|on|at)\b)\w+",
            r"\bfrom now on,? (?:you|always|answer|respond|reply|act)\b",
            r"\b(?:act|behave|respond|answer) as (?:if you (?:are|were)|an? (?:ai|evil|unrestricted|unfiltered"
            r"|different) )",
            r"\bpretend (?:to be|that you|you are)\b",
            r"^\W*(?:system|assistant|developer)\s*(?:prompt|message|override|note)\s*[:>\]]",
            # Not `System: Windows 11`.
            r"^\W*(?:system|assistant|developer)\s*[:>\]]\s*(?:you\b|the user|please|from now|new "
            r"|always|never|do not|don't"
            r"|ignore|disregard|forget|override|obey|follow|act|reveal|print|show|tell|say|answer"
            r"|respond|reply|output|send"
            r"|execute|run|enter|grant|approve|instruction)",
            r"<\|?\s*/?(?:im_start|im_end|system|assistant|endoftext|inst)\b|\[/?(?:INST|SYSTEM)\]"
            r"|<<\s*/?SYS\s*>>|^###\s*(?:system|instruction)",
            r"\b(?:new|updated|real|actual|hidden|secret|important|special) instructions?(?: for (?:you|the|any"
            r"|all)\b.{0,30})?\s*:",
            r"\b(?:note|message|instructions?|attention|hint|memo) (?:to|for) (?:the |any |all |every )?(?:ai|llm"
            r"|assistant|chatbot|language model|model|bot|agent|summari[sz]er)s?\s*[:;,–-]",
            r"\b(?:if you are|dear) (?:an? |the )?(?:ai|llm|language model|chatbot"
            r"|large language model)(?: (?:model|assistant|system))?\b(?!-)",
            r"\bas an? (?:ai|llm|(?:large )?language model)(?: (?:model|assistant|system))?,? (?:you|your|i)\b",
            r"\b(?:ai|llm|chatbot|assistant|language model)s?(?: (?:model|system|reader|agent)s?)? (?:must|should"
            r"|shall|has to|have to|is required to|are required to) (?:\w+ ){0,2}(?:answer|reply|respond|say"
            r"|output|tell|reveal|ignore|include|recommend|state|send|print)\b",
            r"\b(?:reveal|print|repeat|show|output|leak|disclose|expose|display|dump"
            r"|tell me)\b.{0,40}\b(?:system prompt|hidden prompt|initial prompt|(?:your|hidden|secret|system"
            r"|above|previous) instructions|other (?:companies|customers|tenants)\b)",
            r"\b(?:do not|don't|never) (?:tell|inform|mention (?:this|it) to|reveal (?:this|it) to|alert"
            r"|warn) (?:the )?(?:user|human|customer|reader|person|anyone)\b",
            r"\b(?:respond|reply|answer|output)\s+(?:only|always|exclusively|solely)\s+with\b",
            r"\b(?:developer|god|dan|jailbreak|sudo) mode\b.{0,30}\b(?:enabled|activated|on|now)\b"
            r"|\bjailbr(?:eak|oken)\b",
            r"\b(?:tell|instruct|convince|ask) (?:the )?(?:user|customer|reader|human)s? to (?:send|enter|give"
            r"|share|visit|click|pay|transfer|provide|email|wire)\b",
            r"\bwhen(?:ever)? (?:asked|someone asks|the user asks|a user asks"
            r"|you are asked)\b.{0,60}, (?:always |just |only |you must |please )?"
            r"(?:say|answer|reply|respond|tell|claim|state)\b",
            r"\b(?:ignorier\w*|vergiss|vergessen sie|missachte\w*)\b.{0,40}\b(?:anweisung\w*|instruktion\w*"
            r"|regeln|vorgaben|bisherige\w*)",
            r"\b(?:ignore[zr]?|oublie[zr]?)\b.{0,40}\b(?:instructions|consignes|règles|directives)\b",
            r"\b(?:ignora|ignore|olvida|olvide)\b.{0,40}\b(?:instrucciones|reglas|órdenes|indicaciones)\b",
            r"\b(?:ignora|dimentica)\b.{0,40}\b(?:istruzioni|regole)\b",
            r"\bdu bist (?:jetzt|ab jetzt|nun)\b|\btu es maintenant\b|\bahora eres\b",
            r"(?:忽略|无视|忘记).{0,20}(?:指令|指示|规则|提示)|игнорируй\w*.{0,40}(?:инструкц|указани|правил)|以前の指示|(?:指示|命令)を無視",
        )
    )
)  # fmt: skip
_IMAGE = re.compile(r"!\[([^\]]{0,300})\](?:\([^)]{0,2000}\)?|\[[^\]]{0,300}\])|<img\b[^>]*>?", re.IGNORECASE)
_LINK = re.compile(r"(?<!!)\[([^\]]{0,300})\]\(\s*<?([^)\s>]*)>?(?:\s+[^)]*)?\)")
_TAG = re.compile(
    r"</?(?:script|style|iframe|frame|object|embed|form|input|button|svg|math|link|meta|base|video|audio|source"
    r"|a)\b[^<>]*>?"
    r"|<!--.*?(?:-->|$)",
    re.DOTALL | re.IGNORECASE,
)
"""Tags that a browser would act on. `<server name>` is kept, because manuals write so."""


def is_injection(text: str) -> bool:
    """Return whether a text gives instructions to the model that reads it."""
    return _ORDERS.search(" ".join(plain(text).split())) is not None


def safe_sentences(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences that may be quoted: none of a paragraph with prompt injection.

    The author of an injection wrote the text around it, too. A line end may cut an injection in two, so adjacent
    sentences are also checked together.
    """
    injected = {each.block for each in sentences if is_injection(each.text)}
    for one, following in pairwise(sentences):
        if one.block == following.block and is_injection(f"{one.text} {following.text}"):
            injected.add(one.block)
    return [each for each in sentences if each.block not in injected]


def sanitized(text: str, *sources: str) -> str:
    """Return a text for display: without images and tags, links as their text, and without web addresses that no source
    has."""
    before = None
    while before != text:
        # Repeated, because a removal may leave a new match: `<im<img>g src=…>`.
        before = text
        text = _IMAGE.sub(lambda found: found[1] or "", text)
        text = _LINK.sub(lambda found: f"{found[1]} ({found[2]})" if addresses(found[2]) else found[1], text)
        text = _TAG.sub("", text).replace("![", "[")
    known = set().union(*(addresses(source) for source in sources)) if sources else set()
    for address in sorted(addresses(text) - known, key=len, reverse=True):
        text = text.replace(address, "[link removed]")
    return " ".join(text.split())
