"""The lexicon of priorities: words and phrases by kind, in small letters, separated by commas."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from ai_service.domain.priority import foreign_lexicon
from ai_service.domain.priority.levels import Priority
from ai_service.domain.vocabulary import vocabulary

Kind = Literal["urgency", "trouble", "scope", "system", "feeling", "praise", "thanks", "over", "harmless"]


class Entry(NamedTuple):
    """A word or phrase with its kind; `level` counts for urgency and trouble only."""

    words: tuple[str, ...]
    kind: Kind
    level: Priority = "low"


URGENCY: dict[Priority, str] = {
    "urgent": "urgent, urgently, asap, emergency, critical, p1, sev1",
    "high": """
        immediately, as soon as possible, high priority, top priority, right away, am blocked, are blocked, m blocked,
        re blocked, blocks us, blocks me, blocking us, blocking me
    """,
    "medium": "important, soon, quickly, hurry, rush, deadline, overdue, delayed, medium priority",
}
"""Requests for speed."""

TROUBLE: dict[Priority, str] = {
    "urgent": """
        fire, smoke, evacuate, flood, flooding, flooded, gas leak, injured, unconscious, ransomware, trapped,
        electric shock, heart attack, need an ambulance, everything is down, everything down, systems down,
        systems are down, whole network is down, entire network is down
    """,
    "high": """
        outage, outages, breach, breached, hacked, stolen, unusable, unreachable, data loss, lost data, no power,
        no electricity, power cut, nothing works, nothing is working, locked out, nobody can, no one can, phishing link,
        clicked on a phishing, clicked a phishing, entered my password on
    """,
    "medium": """
        broken, broke, fails, failed, failing, failure, down, offline, crash, crashes, crashed, crashing, slow, stuck,
        blocked, blocking, not work, not working, not start, not starting, not open, not opening, not load, not loading,
        not print, not printing, not connect, not connecting, not respond, not responding, not access, not log in,
        not login, not sign in, unable to, no internet, no network, no connection, no access, no heating, no water,
        stopped working, dead
    """,
}
"""Faults and accidents, in whatever tone."""

SCOPE = """
    everyone, everybody, company wide, companywide, office wide, site wide, sitewide, worldwide,
    all of us, none of us
"""
"""Many people are affected; `all users` and `200 people` are found by QUANTITIES and GROUPS."""

SYSTEMS = """
    production, prod, payroll, checkout, website, webshop, online shop, server, servers, database, datacentre,
    datacenter, data centre, data center, telephony, switchboard
"""
"""Systems that many depend on."""

FEELING = """
    terrible, awful, horrible, unacceptable, not acceptable, furious, angry, annoyed, annoying, frustrated, frustrating,
    disappointed, disappointing, ridiculous, useless, worst, disgrace, disgraceful, hopeless, nightmare, pathetic,
    outrageous, fed up, appalling, dreadful, unhappy, not happy
"""
PRAISE = """
    great, excellent, wonderful, love, lovely, perfect, perfectly, fantastic, brilliant, awesome, amazing, superb,
    kudos, pleased, delighted
"""
THANKS = "thanks, thank, grateful, appreciate, appreciated"
"""Politeness more often than praise, so it doesn't offset anger."""

OVER = "fixed, fixing, resolved, resolving, solved, solving, sorted, works again, working again, back online"
"""The trouble is over; this counts only beside praise or thanks."""

HARMLESS = """
    fire door, fire doors, fire drill, fire drills, fire exit, fire exits, fire extinguisher, fire extinguishers, fire
    safety, fire warden, fire wall, fire marshal, smoke detector, smoke detectors, emergency exit, emergency exits,
    emergency contact, emergency contacts, emergency number, emergency numbers, scroll down, shut down, sit down,
    write down, turn down, calm down, close down, drop down, page down, narrow down, cut down, upside down, emergency
    hotline, emergency line, emergency phone, emergency service, emergency services, emergency lighting, emergency
    light, emergency lights, emergency plan, emergency team, in case of emergency, in case of an emergency, in case of
    emergencies, in an emergency, in emergencies, for emergencies, for an emergency, in the event of an emergency, for
    urgent matters, for urgent matter, for urgent issues, for urgent requests, for urgent cases, for urgent questions,
    for urgent enquiries, for urgent inquiries, for urgent assistance, for urgent help, for urgent support, for urgent
    problems, for urgent queries, for anything urgent, for critical issues, for critical matters, in urgent cases, in
    urgent matters, in critical cases, urgent matters, urgent enquiries, urgent inquiries, urgent care, if urgent, if
    it is urgent, if it s urgent, if this is urgent, if your request is urgent, if your matter is urgent, if your
    message is urgent, if your enquiry is urgent, if you have an urgent, if you need urgent, if you need immediate, if
    the matter is urgent, if something is urgent, when urgent, should it be urgent, how urgent, as urgent as, less
    urgent, urgent or not, most urgent first, down payment, critical thinking, critical illness, dead end, server room
"""
"""Phrases of another meaning; their parts don't count."""

QUANTITIES = vocabulary("all every many most entire whole dozens hundreds thousands")
MANY_PEOPLE = 10
LINKS = vocabulary("of the our my your these this those other active")
GROUPS = vocabulary("""
    branch branches building buildings campus client clients colleague colleagues company customer customers department
    departments employee employees floor floors office offices organisation organization people person persons plant
    school site sites staff student students team teams user users visitors workforce
""")

REQUESTING = vocabulary("but however although though please could advance")
"""A sentence with one of these is a request, even if it also thanks."""


def _entries() -> Iterable[Entry]:
    for level in URGENCY:
        both = split(f"{URGENCY[level]}, {foreign_lexicon.URGENCY[level]}")
        yield from (Entry(words, "urgency", level) for words in both)
    for level in TROUBLE:
        both = split(f"{TROUBLE[level]}, {foreign_lexicon.TROUBLE[level]}")
        yield from (Entry(words, "trouble", level) for words in both)
    others: dict[Kind, str] = {
        "scope": f"{SCOPE}, {foreign_lexicon.SCOPE}",
        "system": SYSTEMS,
        "feeling": FEELING,
        "praise": PRAISE,
        "thanks": THANKS,
        "over": OVER,
        "harmless": f"{HARMLESS}, {foreign_lexicon.HARMLESS}",
    }
    for kind, phrases in others.items():
        yield from (Entry(words, kind) for words in split(phrases))


def split(phrases: str) -> list[tuple[str, ...]]:
    """Return the phrases of a list, each as its words."""
    return [tuple(phrase.split()) for phrase in phrases.split(",")]


def _by_first_word() -> Mapping[str, list[Entry]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(_entries(), key=lambda entry: -len(entry.words)):
        found[entry.words[0]].append(entry)
    return dict(found)


ENTRIES = _by_first_word()
"""By first word, the longest entry first: `fire drill` comes before `fire`."""
