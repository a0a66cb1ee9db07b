"""Where a browser goes after a sign-in: a path of this system, never an address that a request could choose."""

import re

MAX_CHARACTERS = 500
_VISIBLE = re.compile(r"/[!-~]*")
_ENCODED_SEPARATORS = re.compile(r"%(?:2f|5c|0[0-9a-f]|1[0-9a-f]|7f)", re.IGNORECASE)


def is_return_path(text: str) -> bool:
    """Return whether a text is a path of this system with an optional query, in every reading of a browser or proxy.

    It begins with one slash and has no backslash, no control character, no empty or dot segment and no fragment, and
    none of these encoded.
    """
    if len(text) > MAX_CHARACTERS or not _VISIBLE.fullmatch(text) or "\\" in text or "#" in text:
        return False
    path = text.partition("?")[0]
    segments = path[1:].split("/")
    dots = {segment.lower().replace("%2e", ".") for segment in segments} & {".", ".."}
    return not dots and "" not in segments[:-1] and not _ENCODED_SEPARATORS.search(path)


def with_parameter(path: str, name: str, value: str) -> str:
    """Return a return path with one more parameter, whose value needs no encoding."""
    return f"{path}{'&' if '?' in path else '?'}{name}={value}"
