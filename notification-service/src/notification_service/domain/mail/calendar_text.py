"""The text of a calendar file, for mails that hold nothing else."""

import re

MAX_LINES = 2_000
_FOLD = re.compile(r"\n[ \t]")
_ESCAPED = re.compile(r"\\([\\;,nN])")
_SHOWN = {
    "SUMMARY": "",
    "DTSTART": "Start: ",
    "DTEND": "End: ",
    "LOCATION": "Location: ",
    "ORGANIZER": "Organizer: ",
    "DESCRIPTION": "",
}


def summary_of(calendar: str) -> str:
    """Return title, times, place and description of the first event of a calendar (RFC 5545); '' without one."""
    found: dict[str, str] = {}
    lines = _FOLD.sub("", calendar).split("\n")[:MAX_LINES]
    start = next((number for number, line in enumerate(lines) if line.strip().upper() == "BEGIN:VEVENT"), len(lines))
    for line in lines[start + 1 :]:
        # An alarm within the event has a description of its own.
        if line.strip().upper() in ("END:VEVENT", "BEGIN:VALARM"):
            break
        head, _, value = line.partition(":")
        name, _, parameters = head.upper().partition(";")
        if name in _SHOWN and value.strip():
            zone = re.search(r"TZID=([^;:]+)", head) if parameters else None
            shown = _ESCAPED.sub(lambda each: "\n" if each[1] in "nN" else each[1], value).strip()
            found.setdefault(name, f"{shown} ({zone[1]})" if zone else shown)
    return "\n".join(label + found[name] for name, label in _SHOWN.items() if name in found)
