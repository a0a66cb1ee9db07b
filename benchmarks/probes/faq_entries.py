"""Questions with answers of several sentences, as help pages have them."""

from dataclasses import dataclass

from benchmarks.probes.draw import Draw


@dataclass(frozen=True)
class Entry:
    """A question with its answer, how else people ask it, and words of the answer that no other one has."""

    question: str
    answer: str
    asked: tuple[str, ...]
    marks: tuple[str, ...]


_TEXTS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "How do I pair the {p}?",
        "Hold both keys for {a} seconds. Then choose {p} in the list. Do not unplug it meanwhile.",
        ("How do I pair the {p}?", "How can I connect my {p}?", "Steps for pairing the {p}?"),
        ("both keys for {a} seconds", "in the list", "unplug"),
    ),
    (
        "How do I clean the {p}?",
        "Use a dry cloth. Never use alcohol on it.",
        ("How do I clean the {p}?", "How should the {p} be cleaned?", "What may I clean the {p} with?"),
        ("dry cloth", "alcohol"),
    ),
    (
        "Who pays for a broken {p}?",
        "The cost centre of the user pays. Ask your lead first.",
        ("Who pays for a broken {p}?", "Who pays when a {p} breaks?", "Who bears the cost of a broken {p}?"),
        ("cost centre of the user", "Ask your lead"),
    ),
    (
        "How many sites does a {p} licence cover?",
        "A {p} licence covers {a} sites. More sites need a second licence.",
        ("How many sites does a {p} licence cover?", "On how many sites may I use one {p} licence?"),
        ("{a} sites", "second licence"),
    ),
    (
        "Can I move a {p} licence to another computer?",
        "Yes, {b} times a year.",
        ("Can I move a {p} licence to another computer?", "Is it possible to move my {p} licence to a new computer?"),
        ("{b} times a year",),
    ),
    (
        "Is there a {p} student discount?",
        "No.",
        ("Is there a {p} student discount?", "Do you have a student discount for {p}?"),
        ("\\bNo\\b",),
    ),
    (
        "What happens when my {p} trial ends?",
        "Your data is kept for {c} days. After that it is deleted for good.",
        ("What happens when my {p} trial ends?", "What happens to my data after the {p} trial?"),
        ("{c} days", "deleted for good"),
    ),
    (
        "Where do I find my {p} serial number?",
        "It is printed under the battery. You also see it in the menu under About.",
        ("Where do I find my {p} serial number?", "Where is the serial number of the {p}?"),
        ("under the battery", "About"),
    ),
    (
        "How long does delivery of a {p} take?",
        "Orders placed before noon leave the same day. Delivery takes {b} working days.",
        ("How long does delivery of a {p} take?", "When will my {p} arrive after I order it?"),
        ("before noon", "{b} working days"),
    ),
    (
        "How do I cancel my {p} subscription?",
        "1. Open Billing. 2. Choose End {p}. 3. Confirm by e-mail within {a} hours.",
        ("How do I cancel my {p} subscription?", "How can I end my {p} subscription?", "Steps to cancel {p}?"),
        ("Open Billing", "Choose End", "within {a} hours"),
    ),
    (
        "Does the {p} work offline?",
        "Yes, for {c} days. It needs a connection once to refresh its licence.",
        ("Does the {p} work offline?", "Can I use the {p} without a connection?"),
        ("for {c} days", "refresh its licence"),
    ),
    (
        "Which ports does {p} need?",
        "Open port {d} for outgoing traffic. Incoming ports stay closed.",
        ("Which ports does {p} need?", "Which port must be open for {p}?"),
        ("{d}", "Incoming ports stay closed"),
    ),
    (
        "Why does the {p} light blink red?",
        "The filter is full. Empty it and press Reset for {b} seconds.",
        ("Why does the {p} light blink red?", "The light of my {p} blinks red. Why?"),
        ("filter is full", "Reset for {b} seconds"),
    ),
    (
        "Who may approve a {p} purchase?",
        "Department heads may approve up to {d} EUR. Everything above goes to the finance board.",
        ("Who may approve a {p} purchase?", "Who approves buying a {p}?"),
        ("Department heads", "{d} EUR", "finance board"),
    ),
)


def entries(draw: Draw, product: str, number: int) -> list[Entry]:
    """Return different entries about a product."""
    found = []
    for question, answer, asked, marks in draw.part(_TEXTS)[:number]:
        values = {
            "p": product,
            "a": draw.number(13, 19),
            "b": draw.number(2, 9),
            "c": draw.number(20, 90),
            "d": draw.number(1_100, 9_900),
        }
        found.append(
            Entry(
                question.format(**values),
                answer.format(**values),
                tuple(each.format(**values) for each in asked),
                tuple(each.format(**values) for each in marks),
            )
        )
    return found
