"""FAQ in all forms: is the whole answer quoted, in its order, and no other question's?"""

import html
from collections.abc import Callable, Iterator, Sequence

import docx

from benchmarks.probes.draw import Draw
from benchmarks.probes.faq_entries import Entry, entries
from benchmarks.probes.model import File, Probe, Question
from benchmarks.probes.pdf_writer import Pdf
from benchmarks.probes.writers import Sheet, as_csv, as_excel, as_word, markdown, page, plain, word

Entries = Sequence[Entry]
PER_FILE = 6
NEVER = (
    "What is the {p} made of?",
    "Who invented the {p}?",
    "Which colours does the {p} come in?",
    "How loud is the {p}?",
    "Is the {p} waterproof?",
    "In which country is the {p} built?",
)


def faqs(draw: Draw) -> Iterator[Probe]:
    """Yield an FAQ in each form."""
    for form, write in FORMS.items():
        product = draw.name()
        kept = entries(draw, product, PER_FILE)
        file = write(
            f"{product.lower()}_{draw.any(('faq', 'help', 'questions', 'support'))}", f"{product} questions", kept
        )
        questions = [
            Question(
                draw.one(each.asked),
                " + ".join(each.marks),
                "faq",
                file.name,
                tuple(
                    mark
                    for other in kept
                    if other is not each
                    for mark in other.marks
                    if "\\" not in mark and mark not in each.answer
                ),
                in_order=True,
            )
            for each in kept[:4]
        ]
        questions.append(Question(draw.one(NEVER).format(p=product), "abstain", "faq, not in it", file.name))
        assert form
        yield Probe((file,), tuple(questions))


def _two_columns(title: str, kept: Entries) -> Sheet:
    return Sheet(title, ("Question", "Answer"), [(each.question, each.answer) for each in kept])


def _lines(name: str, title: str, kept: Entries) -> File:
    return plain(name, "\n\n".join([title, *(f"Q: {each.question}\nA: {each.answer}" for each in kept)]))


def _numbered_lines(name: str, title: str, kept: Entries) -> File:
    lines = [f"{number}. {each.question}\n{each.answer}" for number, each in enumerate(kept, 1)]
    return plain(name, "\n\n".join([title, *lines]))


def _headings(name: str, title: str, kept: Entries) -> File:
    return markdown(name, "\n\n".join([f"# {title}", *(f"## {each.question}\n\n{each.answer}" for each in kept)]))


def _bold(name: str, title: str, kept: Entries) -> File:
    return markdown(name, "\n\n".join([f"# {title}", *(f"**{each.question}**\n\n{each.answer}" for each in kept)]))


def _table(name: str, title: str, kept: Entries) -> File:
    rows = [f"| {each.question} | {each.answer} |" for each in kept]
    return markdown(name, "\n".join([f"# {title}", "", "| Question | Answer |", "|---|---|", *rows]))


def _accordion(name: str, title: str, kept: Entries) -> File:
    items = [
        f'<button class="acc">{html.escape(each.question)}</button>'
        f'<div class="panel"><p>{html.escape(each.answer)}</p></div>'
        for each in kept
    ]
    return page(name, title, "\n".join(items), ".panel{display:none;overflow:hidden}")


def _details(name: str, title: str, kept: Entries) -> File:
    items = [
        f"<details><summary>{html.escape(each.question)}</summary><p>{html.escape(each.answer)}</p></details>"
        for each in kept
    ]
    return page(name, title, "\n".join(items))


def _definitions(name: str, title: str, kept: Entries) -> File:
    items = [f"<dt>{html.escape(each.question)}</dt><dd>{html.escape(each.answer)}</dd>" for each in kept]
    return page(name, title, f"<dl>{''.join(items)}</dl>")


def _word_headings(name: str, title: str, kept: Entries) -> File:
    document = docx.Document()
    document.add_heading(title, 0)
    for each in kept:
        document.add_heading(each.question, 2)
        document.add_paragraph(each.answer)
    return word(name, document)


def _word_lines(name: str, title: str, kept: Entries) -> File:
    document = docx.Document()
    document.add_heading(title, 1)
    for each in kept:
        document.add_paragraph().add_run(f"Q. {each.question}").bold = True
        document.add_paragraph(f"A. {each.answer}")
    return word(name, document)


def _pdf(name: str, title: str, kept: Entries) -> File:
    pdf = Pdf()
    pdf.page()
    pdf.text(60, 790, title, 16)
    height = 750
    for each in kept:
        pdf.text(60, height, each.question, 12)
        pdf.text(60, height - 18, each.answer, 10)
        height -= 56
    return pdf.file(name)


FORMS: dict[str, Callable[[str, str, Entries], File]] = {
    "csv": lambda name, title, kept: as_csv(name, _two_columns(title, kept)),
    "xlsx": lambda name, title, kept: as_excel(name, _two_columns(title, kept)),
    "docx table": lambda name, title, kept: as_word(name, _two_columns(title, kept)),
    "Q and A lines": _lines,
    "numbered lines": _numbered_lines,
    "md headings": _headings,
    "md bold": _bold,
    "md table": _table,
    "accordion": _accordion,
    "details": _details,
    "definitions": _definitions,
    "docx headings": _word_headings,
    "docx lines": _word_lines,
    "pdf": _pdf,
}
