"""PDFs as offices print them: lists over pages, two columns, running heads, notes, hyphens, tables that go on."""

from collections.abc import Iterator

from benchmarks.probes.draw import Draw
from benchmarks.probes.model import Probe, Question
from benchmarks.probes.pdf_writer import Pdf
from benchmarks.probes.schemas import literal


def pages(draw: Draw) -> Iterator[Probe]:
    """Yield each of them."""
    yield _alike(draw)
    yield _columns(draw)
    yield _running_heads(draw)
    yield _note(draw)
    yield _hyphens(draw)
    yield _continued(draw)
    yield _two_on_a_sheet(draw)
    yield _filled_form(draw)
    yield _word_by_word(draw)


def _alike(draw: Draw) -> Probe:
    """Lines that differ only by their digits, on every page."""
    name, rooms = draw.name(), draw.number(3, 5)
    extensions = draw.numbers(6000, 6999, rooms * 20)
    word = draw.one(("Room", "Desk", "Line", "Bay"))
    pdf = Pdf()
    for page in range(rooms):
        pdf.page()
        for row in range(20):
            number = 100 + page * 20 + row + 1
            pdf.text(60, 780 - 32 * row, f"{name} {word} {number}   extension {extensions[number - 101]}")
    file = pdf.file(f"{name.lower()}_extensions")
    questions = []
    for place in draw.numbers(0, rooms * 20 - 1, 3):
        identifier = f"{word} {101 + place}"
        others = tuple(str(each) for number, each in enumerate(extensions) if number != place)
        text = draw.one((f"What is the extension of {name} {identifier}?", f"Which extension has {name} {identifier}?"))
        questions.append(
            Question(text, str(extensions[place]), "pdf: lines alike", file.name, others, identifier=identifier)
        )
    asked = f"What is the extension of {name} {word} {draw.number(300, 400)}?"
    return Probe((file,), (*questions, Question(asked, "abstain", "no such row", file.name)))


def _columns(draw: Draw) -> Probe:
    """Two columns, drawn row by row."""
    name, closes, box = draw.name(), f"{draw.number(15, 21)}:{draw.number(10, 55)}", draw.any(("grey", "blue", "red"))
    left = [
        f"To return a {name} lamp, pack it",
        f"in the {box} box and write the",
        "order number on the lid. The",
        "driver takes it along.",
    ]
    right = [
        f"The {name} head office is closed",
        f"on Fridays from {closes} on. In",
        "urgent cases the guard at the",
        "gate takes a message.",
    ]
    pdf = Pdf()
    pdf.page()
    for row in range(4):
        pdf.text(60, 760 - 16 * row, left[row])
        pdf.text(330, 760 - 16 * row, right[row])
    file = pdf.file(f"{name.lower()}_news")
    return Probe(
        (file,),
        (
            Question(
                f"Into which box do I pack a {name} lamp to return it?",
                f"{box} box",
                "pdf: columns",
                file.name,
                (closes,),
            ),
            Question(
                f"From when is the {name} head office closed on Fridays?",
                closes,
                "pdf: columns",
                file.name,
                (f"{box} box",),
            ),
        ),
    )


def _running_heads(draw: Draw) -> Probe:
    """A head and a foot on every page that hold what nothing else says."""
    name, hotline = draw.name(), str(draw.number(4_000, 9_000))
    day = f"{draw.number(2, 28)} April {draw.number(2028, 2036)}"
    texts = ("Leave by the nearest stairs.", "Meet at the flag pole.", "Nobody uses the lifts.", "Count your group.")
    pdf = Pdf()
    for number, text in enumerate(texts, 1):
        pdf.page()
        pdf.text(60, 810, f"{name} fire plan, valid from {day}", 9)
        pdf.text(60, 700, f"{name} part {number}", 14)
        pdf.text(60, 670, text)
        pdf.text(60, 30, f"Fire hotline {hotline} - page {number}", 9)
    file = pdf.file(f"{name.lower()}_fire_plan")
    return Probe(
        (file,),
        (
            Question(f"From when is the {name} fire plan valid?", literal(day), "pdf: running head", file.name),
            Question(f"What is the number of the fire hotline of {name}?", hotline, "pdf: running head", file.name),
        ),
    )


def _note(draw: Draw) -> Probe:
    """A raised number of a note behind a figure."""
    name, fee = draw.name(), draw.number(120, 890)
    pdf = Pdf()
    pdf.page()
    pdf.text(60, 760, f"The yearly fee of a {name} moorage is {fee}", 12)
    width = 6.0 * len(f"The yearly fee of a {name} moorage is {fee}") * 0.92
    pdf.text(60 + width, 765, "1", 7)
    pdf.text(60 + width + 8, 760, "EUR in all harbours.", 12)
    pdf.text(60, 80, "1 Without electricity.", 8)
    file = pdf.file(f"{name.lower()}_moorage")
    return Probe((file,), (Question(f"What is the yearly fee of a {name} moorage?", str(fee), "pdf: note", file.name),))


def _hyphens(draw: Draw) -> Probe:
    """Words divided at line ends: one with a hyphen of its own, one without."""
    name, days = draw.name(), draw.number(13, 95)
    pdf = Pdf()
    pdf.page()
    for number, line in enumerate(
        (
            f"Tickets of the {name} line are non-",
            f"refundable but can be exchanged within {days} days. The transfer",
            "takes place at the next sta-",
            "tion, where you change pla-",
            "tforms.",
        )
    ):
        pdf.text(60, 760 - 16 * number, line)
    file = pdf.file(f"{name.lower()}_tickets")
    return Probe(
        (file,),
        (
            Question(f"Are tickets of the {name} line refundable?", "non-refundable", "pdf: hyphens", file.name),
            Question(
                f"Where does the transfer of the {name} line take place?", "next station", "pdf: hyphens", file.name
            ),
        ),
    )


def _continued(draw: Draw) -> Probe:
    """A table with rules that goes on on the next page without its head."""
    name = draw.name()
    codes, seats = draw.numbers(100, 999, 50), draw.numbers(1_000, 9_999, 50)
    pdf = Pdf()
    for begin in (0, 25):
        pdf.page()
        rows = [
            (f"{name[:2].upper()}{codes[place]}", f"Cabinet {place + 1}", str(seats[place]))
            for place in range(begin, begin + 25)
        ]
        lines = [("Serial", "Place", "Meter reading"), *rows] if not begin else rows
        for number, row in enumerate(lines):
            for column, cell in enumerate(row):
                pdf.text(64 + 150 * column, 760 - 24 * number, cell, 10)
        for number in range(len(lines) + 1):
            pdf.line(60, 776 - 24 * number, 510, 776 - 24 * number)
        for column in range(4):
            pdf.line(60 + 150 * column, 776, 60 + 150 * column, 776 - 24 * len(lines))
    file = pdf.file(f"{name.lower()}_meters")
    questions = []
    for place in (draw.number(0, 24), 25, draw.number(26, 49)):
        identifier = f"{name[:2].upper()}{codes[place]}"
        others = tuple(str(each) for number, each in enumerate(seats) if number != place)
        text = draw.one((f"What is the meter reading of {identifier}?", f"Which reading has the meter {identifier}?"))
        questions.append(
            Question(text, str(seats[place]), "pdf: table goes on", file.name, others, identifier=identifier)
        )
    return Probe((file,), tuple(questions))


def _two_on_a_sheet(draw: Draw) -> Probe:
    """Two pages printed small on one: each is a form object."""
    name, weeks, days = draw.name(), draw.number(13, 60), draw.number(61, 95)
    pdf = Pdf()
    pdf.page()
    pdf.scaled(0.5, 0, 200, [f"{name} leave", f"Parental leave at {name} is {weeks} weeks.", "Part 1"])
    pdf.scaled(0.5, 298, 200, [f"{name} notice", f"The notice period at {name} is {days} days.", "Part 2"])
    file = pdf.file(f"{name.lower()}_handout")
    return Probe(
        (file,),
        (
            Question(f"How long is parental leave at {name}?", f"{weeks} weeks", "pdf: form object", file.name),
            Question(f"What is the notice period at {name}?", f"{days} days", "pdf: form object", file.name),
        ),
    )


def _filled_form(draw: Draw) -> Probe:
    """A form with fields that somebody filled in."""
    name, person = draw.name(), draw.person()
    day = f"{draw.number(2, 28)} June {draw.number(2027, 2034)}"
    pdf = Pdf()
    pdf.page()
    pdf.text(60, 790, f"{name} removal form", 15)
    for place, (label, value) in enumerate((("Date of removal", day), ("Contact person", person))):
        pdf.text(60, 740 - 40 * place, f"{label}:")
        pdf.field(180, 736 - 40 * place, label, value)
    file = pdf.file(f"{name.lower()}_removal_form")
    return Probe(
        (file,),
        (
            Question(f"What is the date of removal of {name}?", literal(day), "pdf: filled form", file.name),
            Question(
                f"Who is the contact person for the removal of {name}?", literal(person), "pdf: filled form", file.name
            ),
        ),
    )


def _word_by_word(draw: Draw) -> Probe:
    """A ruled table whose words are drawn one by one, close together, and whose dates have spaced letters."""
    name = draw.name()
    tags = draw.numbers(100, 999, 8)
    needs = [" ".join(draw.some(("boarding", "pass", "baggage", "tag", "number", "visa", "letter"), 4)) for _ in tags]
    days = [f"{draw.number(10, 12)}/{draw.number(10, 28)}/{draw.number(2027, 2033)}" for _ in tags]
    pdf = Pdf()
    pdf.page()
    for row, (tag, need, day) in enumerate(zip(tags, needs, days, strict=True)):
        height = 740 - 24 * row
        pdf.text(64, height, f"{name[:2].upper()}-{tag}", 8)
        x = 164.0
        for word in need.split():
            pdf.text(x, height, word, 8)
            x += 4.4 * len(word) + 2.3
        pdf.spaced(364, height, day, 3.4, 8)
    for row in range(9):
        pdf.line(60, 756 - 24 * row, 510, 756 - 24 * row)
    for x in (60, 160, 360, 510):
        pdf.line(x, 756, x, 756 - 24 * 8)
    file = pdf.file(f"{name.lower()}_counter")
    codes = [f"{name[:2].upper()}-{tag}" for tag in tags]
    questions = [
        Question(
            f"What is needed for {codes[row]}?" if number else f"Which date stands beside {codes[row]}?",
            literal(needs[row] if number else days[row]),
            "pdf: letters apart",
            file.name,
            tuple(each for each in codes if each != codes[row]),
            identifier=codes[row],
        )
        for number, row in enumerate(draw.numbers(0, 7, 2))
    ]
    return Probe((file,), tuple(questions))
