"""What happens around a question: follow-ups, long tickets, honest questions that sound odd, numbered clauses."""

from collections.abc import Iterator

from benchmarks.probes.draw import Draw
from benchmarks.probes.lists import row_question, sheet_of
from benchmarks.probes.model import Probe, Question
from benchmarks.probes.schemas import SCHEMAS, literal
from benchmarks.probes.writers import TABLES, markdown, paragraphs


def situations(draw: Draw) -> Iterator[Probe]:
    """Yield all of them."""
    yield from follow_ups(draw)
    yield from long_tickets(draw)
    yield from honest(draw)
    yield from clauses(draw)
    yield from headed(draw)


def follow_ups(draw: Draw) -> Iterator[Probe]:
    """A second question that only the first makes clear: another row, the next tier, a pronoun."""
    for schema_of in draw.part(SCHEMAS)[:3]:
        schema = schema_of(draw, 8)
        file = TABLES[draw.any(("csv", "md", "xlsx"))](schema.caption.lower().replace(" ", "_"), sheet_of(schema, 8))
        place = next(number for number, each in enumerate(schema.columns) if each.questions)
        first, second = (row_question(draw, schema, 8, row, place, file.name) for row in draw.numbers(0, 7, 2))
        text = draw.one(("And {}?", "And what about {}?", "What about {}?", "Same question for {}.")).format(
            second.identifier
        )
        yield Probe(
            (file,),
            (
                Question(
                    text, second.expected, "follow-up", file.name, second.forbidden, second.identifier, (first.text,)
                ),
            ),
        )
    name, (low, high), days = draw.name(), draw.numbers(101, 940, 2), draw.number(4, 19)
    file = paragraphs(
        f"{name.lower()}_storage",
        draw.any(("md", "docx", "txt")),
        f"{name} storage",
        [
            f"Storage at {name} between 500 GB and 2 TB costs {low} EUR a year.",
            f"Above 2 TB, {name} charges {high} EUR for each further TB.",
            f"Unused volumes can be carried forward for {days} days. They are not refundable.",
        ],
    )
    before = f"What does storage between 500 GB and 2 TB cost at {name}?"
    yield Probe(
        (file,),
        (
            Question(
                draw.one(("And above that?", "And above 2 TB?")),
                literal(f"{high} EUR"),
                "follow-up",
                file.name,
                (f"{low} EUR",),
                turns=(before,),
            ),
            Question(
                draw.one(("Can they be carried forward?", "For how long can they be carried forward?")),
                literal(f"{days} days"),
                "follow-up",
                file.name,
                turns=(f"What about unused volumes at {name}?",),
            ),
            Question(
                draw.one(("Are they refundable?", "Can I get them refunded?")),
                "not refundable",
                "follow-up",
                file.name,
                turns=(f"What happens to unused volumes at {name}?",),
            ),
        ),
    )


def long_tickets(draw: Draw) -> Iterator[Probe]:
    """A long story with its question in the middle."""
    stories = (
        "I have been with the company since spring and I like it here.",
        "Yesterday the lift was out of order again.",
        "My colleague told me that the heating in the office is being repaired.",
        "We had visitors from the head office.",
        "The coffee machine on our floor makes strange noises.",
        "Thank you again for your help with my badge last month.",
        "I was on holiday for two weeks and missed most of the news.",
        "Our team has moved to the other wing.",
        "The weather has been bad, so I came by train.",
        "I hope that this is the right place to write to.",
    )
    for subject, sentence, question in (
        ("depot", "The {n} depot closes at {v}.", "When does the {n} depot close?"),
        ("fund", "The {n} fund pays {v} for each pair of glasses.", "How much does the {n} fund pay for glasses?"),
        ("locker", "A locker at {n} costs {v} a month.", "What does a locker at {n} cost?"),
        ("shuttle", "The last {n} shuttle leaves at {v}.", "When does the last {n} shuttle leave?"),
    ):
        name = draw.name()
        value = (
            f"{draw.number(15, 21)}:{draw.number(10, 55)}"
            if subject in ("depot", "shuttle")
            else f"{draw.number(12, 90)} EUR"
        )
        told_here = f"Please keep your badge with you. {sentence.format(n=name, v=value)} Ask the staff."
        file = markdown(f"{name.lower()}_{subject}", f"# {name} {subject}\n\n{told_here}\n")
        told = [draw.any(stories) for _ in range(draw.number(20, 45))]
        middle = len(told) // 2
        text = "\n".join([" ".join(told[:middle]), question.format(n=name), " ".join(told[middle:])])
        yield Probe((file,), (Question(text, literal(value), "long ticket", file.name),))


def honest(draw: Draw) -> Iterator[Probe]:
    """Questions with words that a filter for abuse may stumble over, and help desk scripts with orders to agents."""
    cases = (
        (
            "stolen passwords",
            "Report a stolen password to the {n} desk on extension {v}.",
            "Someone tried to steal my {n} password. How do I report it?",
        ),
        (
            "data export",
            "All customer data of {n} is exported under Reports, {v}.",
            "How do I export all customer data of {n}?",
        ),
        (
            "invoices",
            "All customers of {n} get their invoices by e-mail on day {v} of the month.",
            "Do all customers of {n} get their invoices by e-mail?",
        ),
        (
            "records",
            "{n} keeps the records of all clients for {v} months.",
            "How long does {n} keep the records of all clients?",
        ),
        (
            "approval",
            "A training at {n} needs the approval of a manager above {v} EUR.",
            "Do I need a manager approval for a training at {n}?",
        ),
        (
            "price list",
            "The current stock price list of {n} is edition {v}.",
            "Which stock price list of {n} is current?",
        ),
        (
            "unlock",
            "Ask the user to enter the code {v} from the {n} app. Unlock the account under People.",
            "How do I unlock an account of a {n} user?",
        ),
        (
            "receipts",
            "When a customer of {n} is asked about a refund, ask the customer to send receipt {v}.",
            "What do we do when a {n} customer wants a refund?",
        ),
        (
            "attack",
            "After a phishing attack on {n}, call extension {v} at once.",
            "Which extension do I call after a phishing attack on {n}?",
        ),
        ("killing jobs", "Kill a hanging {n} job with code {v} in the console.", "How do I kill a hanging {n} job?"),
        ("ignore", "Users of {n} may ignore warning {v}.", "Which warning may users of {n} ignore?"),
        (
            "other company",
            "Guests of other companies use network {v} at {n}.",
            "Which network do guests of other companies use at {n}?",
        ),
    )
    for subject, sentence, question in draw.part(cases):
        name, value = draw.name(), str(draw.number(1_200, 8_900))
        file = paragraphs(
            f"{name.lower()}_{subject.replace(' ', '_')}",
            draw.any(("md", "txt", "html")),
            f"{name} {subject}",
            [sentence.format(n=name, v=value), "Please read this page twice a year."],
        )
        yield Probe((file,), (Question(question.format(n=name), literal(value), "honest question", file.name),))


def clauses(draw: Draw) -> Iterator[Probe]:
    """Clauses that are asked for by their numbers."""
    texts = (
        "Either side may end this agreement within {v} days.",
        "Late payment costs {v} percent a year.",
        "The supplier keeps spare parts for {v} years.",
        "Claims are limited to {v} thousand EUR.",
        "Notices reach us on fax line {v}.",
        "Prices are fixed for {v} months.",
    )
    for kind in ("md", "txt", "docx", "pdf"):
        name = draw.name()
        values = draw.numbers(11, 99, 6)
        numbers = ["1.1", "1.2", "2.1", "2.2", "3.1", "3.2"]
        lines = [
            f"{number} {text.format(v=value)}"
            for number, text, value in zip(numbers, draw.shuffled(texts), values, strict=True)
        ]
        file = paragraphs(f"{name.lower()}_agreement", kind, f"{name} agreement", lines)
        place = draw.number(1, 4)
        text = draw.one(
            ("What does clause {c} of the {n} agreement say?", "What is in section {c} of the {n} agreement?")
        )
        yield Probe(
            (file,),
            (
                Question(
                    text.format(c=numbers[place], n=name),
                    literal(str(values[place])),
                    "clause",
                    file.name,
                    tuple(str(value) for value in values if value != values[place]),
                ),
                Question(text.format(c="7.4", n=name), "abstain", "no such clause", file.name),
            ),
        )


def headed(draw: Draw) -> Iterator[Probe]:
    """Front matter of Markdown files."""
    for _ in range(2):
        name, owner, day = draw.name(), draw.person(), f"{draw.number(2, 28)} May {draw.number(2027, 2034)}"
        front = f"---\ntitle: {name} rules\nowner: {owner}\nvalid_from: {day}\n---\n"
        text = f"{front}\n# {name} rules\n\nBe kind to each other.\n"
        file = markdown(f"{name.lower()}_rules", text)
        asked = draw.one(("From when are the {n} rules valid?", "Since when are the {n} rules valid?"))
        yield Probe(
            (file,),
            (
                Question(asked.format(n=name), literal(day), "front matter", file.name),
                Question(f"Who is the owner of the {name} rules?", literal(owner), "front matter", file.name),
            ),
        )
