"""Prose: facts among near-identical sentences and instructions, in every kind of file; documents that contradict."""

from collections.abc import Iterator

from benchmarks.probes.draw import Draw
from benchmarks.probes.facts import MONTHS_OF, TOPICS, Topic, value
from benchmarks.probes.model import Probe, Question
from benchmarks.probes.schemas import literal
from benchmarks.probes.writers import paragraphs

KINDS = ("md", "txt", "html", "docx", "pdf")


def policies(draw: Draw) -> Iterator[Probe]:
    """Yield each topic twice, for two companies whose documents are alike but for names and values."""
    for number, topic in enumerate(TOPICS):
        for copy in range(2):
            yield _policy(draw, topic, KINDS[(2 * number + copy) % len(KINDS)])


def _policy(draw: Draw, topic: Topic, kind: str) -> Probe:
    name = draw.name()
    title = topic.title.format(n=name)
    made = [(fact, value(draw, fact.value)) for fact in topic.facts]
    sentences = [draw.one(fact.wordings).format(n=name, v=given) for fact, given in made]
    filler = [each.format(n=name) for each in draw.shuffled(topic.filler)]
    texts = [
        " ".join([filler[number % len(filler)], sentence, filler[(number + 1) % len(filler)]])
        for number, sentence in enumerate(sentences)
    ]
    # Two facts stand in one paragraph, as they do in handbooks.
    file = paragraphs(title.lower().replace(" ", "_"), kind, title, [f"{texts[0]} {texts[1]}", *texts[2:]])
    questions = [
        Question(
            draw.one(fact.questions).format(n=name), literal(given), "policy", file.name,
            tuple(other for each, other in made if each is not fact and each.value == fact.value),
        )
        for fact, given in made
    ]  # fmt: skip
    questions.append(Question(draw.one(topic.absent).format(n=name), "abstain", "policy, not in it", file.name))
    return Probe((file,), tuple(questions))


def contradictions(draw: Draw) -> Iterator[Probe]:
    """Yield two documents each that state another figure for the same thing; both are to be quoted."""
    subjects = (
        ("meal allowance", "The {n} meal allowance is {v} per day.", "What is the {n} meal allowance?"),
        ("licence fee", "A {n} licence costs {v} a year.", "What does a {n} licence cost?"),
        ("deposit", "The deposit for a {n} key is {v}.", "How much is the deposit for a {n} key?"),
        ("mileage rate", "At {n}, {v} are paid for a trip by car.", "What does {n} pay for a trip by car?"),
        ("shuttle fare", "The {n} shuttle costs {v}.", "How much is the {n} shuttle?"),
        ("canteen subsidy", "{n} adds {v} to every lunch.", "What does {n} add to a lunch?"),
    )
    for subject, sentence, question in draw.part(subjects):
        name = draw.name()
        first, second = (f"{each} EUR" for each in draw.numbers(15, 90, 2))
        years = draw.numbers(2026, 2031, 2)
        files = tuple(
            paragraphs(
                f"{name.lower()}_{title.lower().replace(' ', '_')}", draw.any(("md", "txt", "docx")), f"{name} {title}",
                [f"Valid from 1 {draw.any(MONTHS_OF)} {year}.", sentence.format(n=name, v=given)],
            )
            for title, year, given in ((subject, years[0], first), (f"circular {years[1]}", years[1], second))
        )  # fmt: skip
        text = question.format(n=name)
        yield Probe(files, (Question(text, literal(first, second), "contradiction", files[0].name),))
