"""Parts a question about several codes, such as "prices of TP-01 and TP-02": each stands in a row of its own."""

import re

MAX_CODES = 5
_CODE = r"(?=[^\s,;/&+]*\d)(?=[^\s,;/&+]*[^\W\d_])[^\W_]+(?:[-_.][^\W_]+)*"
_JOINT = r"(?:\s*[,;&+/]\s*|\s+)(?:(?:and|or|und|oder|sowie|et|ou|y|o|e|en|of)\s+)?"
_LIST = re.compile(rf"(?i)(?<![\w-]){_CODE}(?:{_JOINT}{_CODE})+(?![\w-])")
_ONE = re.compile(_CODE)


def one_by_one(question: str) -> list[tuple[str, str]]:
    """Return each code of the list in a question with the question about it alone; nothing without a list of codes."""
    found = _LIST.search(question)
    codes = list(dict.fromkeys(_ONE.findall(found[0])))[:MAX_CODES] if found else []
    if found is None or len(codes) < 2:
        return []
    return [(code, f"{question[: found.start()]}{code}{question[found.end() :]}") for code in codes]
