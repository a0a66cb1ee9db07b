"""Flattens a page that is nested so deep that building its tree would take minutes, as browsers do."""

import re

MAX_DEPTH = 2_000
# Elements that must be closed. Those that may be left open (`<p>`, `<li>`, `<td>`) don't nest in themselves.
_NESTING = re.compile(
    r"<(/?)(?:div|span|b|i|u|a|em|strong|font|small|big|tt|code|section|article|aside|header|footer|main|nav|blockquote"
    r"|center|table|ul|ol|dl|form|fieldset|details|figure|h[1-6]|s|strike|nobr|object|svg|math|button|label|ins|del|sub"
    r"|sup|q|cite|abbr|[a-z]+-[\w-]{1,30})(?=[\s/>])",
    re.IGNORECASE,
)


def flattened(page: str) -> str:
    """Return the page without opening tags below the maximal depth; its text is unchanged.

    The parser ignores the closing tags that are left over.
    """
    if len(page) < 2 * MAX_DEPTH:
        return page
    kept: list[str] = []
    depth = copied = 0
    for tag in _NESTING.finditer(page):
        if tag[1]:
            depth = max(0, depth - 1)
            continue
        depth += 1
        if depth > MAX_DEPTH:
            end = page.find(">", tag.end(), tag.end() + 2_000) + 1
            if end:
                kept.append(page[copied : tag.start()])
                copied = end
    return "".join([*kept, page[copied:]])
