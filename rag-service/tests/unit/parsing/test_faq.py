"""A question and its whole answer are one section, in whatever form a document writes them."""

from collections.abc import Callable
from typing import Any

import pytest
from rag_service.adapters.parsing import html, markdown, plain, questions, word
from rag_service.adapters.parsing.faq import Question, units
from rag_service.adapters.parsing.faq_pieces import Paragraph
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.domain.document import PassageKind

from . import documents

Reader = Callable[[bytes, Limits], Outline]


def asked(reader: Reader, content: str | bytes) -> list[tuple[str, str]]:
    """Return the questions of a file with their answers."""
    data = content.encode() if isinstance(content, str) else content
    sections = reader(data, Limits()).parsed().sections
    return [
        (question, answer)
        for each in sections
        if each.kind is PassageKind.QA
        for question, _, answer in [each.text.partition("\n")]
    ]


def prose(reader: Reader, content: str) -> str:
    sections = reader(content.encode(), Limits()).parsed().sections
    return "\n\n".join(each.text for each in sections if each.kind is PassageKind.PROSE)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Q: {}\nA: {}", "Q: {}\nA: {}"),
        ("Q1. {}\n\nA1. {}", "Q2. {}\n\nA2. {}"),
        ("Question 1 – {}\nAnswer – {}", "Question 2 – {}\nAnswer – {}"),
        ("F: {}\nA: {}", "F: {}\nA: {}"),
        ("Frage: {}\nAntwort: {}", "Frage: {}\nAntwort: {}"),
        ("Q : {}\nR : {}", "Q : {}\nR : {}"),
        ("Pregunta 1: {}\nRespuesta: {}", "Pregunta 2: {}\nRespuesta: {}"),
        ("P: {}\nR: {}", "P: {}\nR: {}"),
        ("D. {}\nR. {}", "D. {}\nR. {}"),
        ("Vraag: {}\nAntwoord: {}", "Vraag: {}\nAntwoord: {}"),
        ("Pytanie 1. {}\nOdpowiedź: {}", "Pytanie 2. {}\nOdpowiedź: {}"),
        ("Вопрос: {}\nОтвет: {}", "Вопрос: {}\nОтвет: {}"),
        ("問: {}\n答: {}", "問: {}\n答: {}"),
        ("(1) {}\n{}", "(2) {}\n{}"),
        ("1. {}\n\n{}", "2. {}\n\n{}"),
        ("{}\n{}", "{}\n{}"),
        ("1、{}\n答：{}", "2、{}\n答：{}"),
        ("- {} – {}", "- {} – {}"),
        ("S: {}\nS: {}", "S: {}\nS: {}"),
        ("[Q] {}\n[A] {}", "[Q] {}\n[A] {}"),
    ],
)
def test_marked_numbered_and_plain_questions_are_told_from_their_answers(first: str, second: str) -> None:
    one, two = ("Who opens the Lindau gate?", "The porter.\nHe has both keys."), ("Where does he sit?", "Room 4.")
    text = f"{first.format(*one)}\n\n{second.format(*two)}\n"
    assert asked(plain.read, text) == [one, two]


def test_an_answer_keeps_its_paragraphs_lists_and_order() -> None:
    text = (
        "Q: How is the Arosa lamp set?\nA: Hold the knob.\n\n1. Turn it left.\n2. Let it go.\n\nIt blinks twice.\n\n"
        "Q: And then?\nA: Wait.\n"
    )
    assert asked(plain.read, text)[0] == (
        "How is the Arosa lamp set?",
        "Hold the knob.\n\n1. Turn it left.\n2. Let it go.\n\nIt blinks twice.",
    )


def test_a_question_may_go_on_over_lines_and_have_its_answer_on_the_same_line() -> None:
    text = "Q: What does the Calanda\nlicence cost a year? A: 40 EUR.\n\nQ: Is there a trial? A: Yes.\n"
    assert asked(plain.read, text) == [
        ("What does the Calanda licence cost a year?", "40 EUR."),
        ("Is there a trial?", "Yes."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The tide was high. Was it safe? Nobody knew.\n\nSo what does that mean?\n\nIt means that we wait.",
        "Before you start:\n\n- Is the plug in?\n- Is the lamp green?\n- Who is on duty?\n\nThen call 4501.",
        "F: 040 555 12\nA: Hafenstraße 5, Bremen",
        "P. Keller\nRoom 12\n\nR. Moser\nRoom 14",
        "O. Apples\nP. Pears\nQ. Plums\nR. Cherries",
        "Did you know that the gate closes at nine?",
    ],
)
def test_text_that_is_no_faq_stays_prose(text: str) -> None:
    assert asked(plain.read, text) == []
    assert prose(plain.read, text) == text


def test_an_answer_ends_at_a_rule_a_title_and_the_next_number() -> None:
    rule = "Q: Is the Gotthard road open?\nA: Yes.\n\n-----\n\nLast edited by Bo in May.\n"
    assert asked(plain.read, rule) == [("Is the Gotthard road open?", "Yes.")]
    title = "Q: Is it open?\nA: Yes.\n\nAbout this page\n\nWritten by Ana.\n"
    assert asked(plain.read, title) == [("Is it open?", "Yes.")]
    following = "1. Who may ride?\n\nAll.\n\n2. Where is it?\n\nIn the yard.\n\n3. Rules\nWear a helmet.\n"
    assert asked(plain.read, following)[1] == ("Where is it?", "In the yard.")
    assert "3. Rules" in prose(plain.read, following)


def test_a_paragraph_behind_the_last_answer_is_no_part_of_it_where_no_other_answer_has_two() -> None:
    behind = "Policy number: PL-77-1029. Insurer: Arve Mutual."
    short = "Q: Is theft covered?\nA: Yes.\n\nQ: And hail?\nA: No.\n\nQ: And tyres?\nA: No, never.\n\n"
    assert asked(plain.read, f"{short}{behind}\n")[-1] == ("And tyres?", "No, never.")
    assert prose(plain.read, f"{short}{behind}\n") == behind
    long = short.replace("Yes.\n", "Yes.\n\nIt was added in May.\n")
    assert asked(plain.read, f"{long}Ask Bo.\n")[-1] == ("And tyres?", "No, never.\n\nAsk Bo.")


def test_a_small_table_is_part_of_the_answer_and_rows_of_its_own() -> None:
    outline = Outline(Limits())
    outline.heading(1, "What does the Albula pass cost?")
    outline.add("It depends on the zone.")
    outline.add_rows(["Zone: A; Price: 5 EUR", "Zone: B; Price: 7 EUR"])
    question, rows = outline.parsed().sections
    assert question.kind is PassageKind.QA
    assert question.text.endswith("It depends on the zone.\n\nZone: A; Price: 5 EUR\nZone: B; Price: 7 EUR")
    assert (rows.kind, rows.heading) == (PassageKind.ROWS, ("What does the Albula pass cost?",))


def test_text_before_and_between_questions_is_kept() -> None:
    found = list(
        units(
            [
                Paragraph("Checked in May."),
                Paragraph("Who pays for the Piz cable?", stands_out=True),
                Paragraph("The team."),
                Paragraph("Deliveries", stands_out=True),
                Paragraph("They come on Monday."),
                Paragraph("Can it be lent?", stands_out=True),
                Paragraph("For a week."),
            ]
        )
    )
    assert found == [
        Paragraph("Checked in May."),
        Question("Who pays for the Piz cable?", "The team."),
        Paragraph("Deliveries"),
        Paragraph("They come on Monday."),
        Question("Can it be lent?", "For a week."),
    ]


def test_headings_that_are_questions_have_the_text_below_as_their_answer() -> None:
    text = (
        "# Help\n\n## How do I renew the pass?\n\nOpen the app.\n\n- Choose renew.\n- Pay.\n\n## Is it free?\n\nNo.\n"
    )
    assert asked(markdown.read, text) == [
        ("How do I renew the pass?", "Open the app.\n\n- Choose renew.\n\n- Pay."),
        ("Is it free?", "No."),
    ]


def test_a_heading_above_a_chapter_or_further_questions_is_no_question_of_an_faq() -> None:
    chapter = "# What is the Rigi store?\n\n" + "The store keeps parts for trains and ships them. " * 60
    assert asked(markdown.read, chapter) == []
    nested = (
        "# Any questions about leave?\n\nRead on.\n\n## How long is it?\n\n25 days.\n\n## Who decides?\n\nThe lead.\n"
    )
    assert asked(markdown.read, nested) == [("How long is it?", "25 days."), ("Who decides?", "The lead.")]


def test_bold_questions_of_markdown() -> None:
    text = (
        "**Wie melde ich mich krank?**\n\nAnruf vor 9 Uhr.\n\n**Und danach?** Attest am dritten Tag.\n\n"
        "**Q:** Wer hilft?\n**A:** Das Team.\n"
    )
    assert asked(markdown.read, text) == [
        ("Wie melde ich mich krank?", "Anruf vor 9 Uhr."),
        ("Und danach?", "Attest am dritten Tag."),
        ("Wer hilft?", "Das Team."),
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<details><summary>{0}</summary><p>{1}</p><p>{2}</p></details><p>Tail.</p>",
        "<button>{0}</button><div class=panel><p>{1}</p><p>{2}</p></div><p>Tail.</p>",
        "<h3><button aria-expanded=false aria-controls=x>{0} <i>+</i></button></h3><div id=x hidden><p>{1}<p>{2}</div>",
        "<dl><dt>{0}<dd>{1}<dd>{2}</dl><p>Tail.",
        "<div class=item><div class=head><button>{0}</button></div><div class=body><p>{1}<p>{2}</div></div><p>Tail.",
        "<div class=faq-question>{0}</div><div class=faq-answer><p>{1}</p><p>{2}</p></div><p>Tail.",
        '<div itemscope itemtype="https://schema.org/Question"><h3 itemprop=name>{0}</h3><div itemprop=acceptedAnswer>'
        "<p>{1}</p><p>{2}</p></div></div><p>Tail.",
        "<style>.c{{display:none}}</style><ul class=accordion><li><a class=accordion-title href=#>{0}</a>"
        "<div class=c><p>{1}</p><p>{2}</p></div></ul><p>Tail.",
        "<h2>{0}</h2><p>{1}</p><p>{2}</p><h2>Other</h2><p>Tail.",
        "<p><strong>{0}</strong><br>{1}</p><p>{2}</p><h2>Other</h2><p>Tail.",
    ],
)
def test_questions_of_a_page(page: str) -> None:
    parts = ("Combien coûte la carte de Sion ?", "Elle coûte 12 EUR.", "Payez à la caisse.")
    assert asked(html.read, page.format(*parts)) == [(parts[0], f"{parts[1]}\n\n{parts[2]}")]


def test_an_accordion_of_subjects_is_one_of_questions_too() -> None:
    page = "<details><summary>{}</summary>{}</details>"
    pages = page.format("Lost badge", "Go to the desk.") + page.format("Broken badge", "Ask for a new one.")
    assert asked(html.read, pages) == [("Lost badge", "Go to the desk."), ("Broken badge", "Ask for a new one.")]


def test_a_definition_list_is_rows_of_terms() -> None:
    [section] = html.read(b"<dl><dt>Hotline<dd>7741<dt>Opens<dd>at <b>nine</b></dl>", Limits()).parsed().sections
    assert (section.kind, section.text) == (PassageKind.ROWS, "Hotline: 7741\nOpens: at nine")


def test_questions_of_a_word_document_are_bold_marked_or_have_a_style() -> None:
    def write(document: Any) -> None:
        document.add_heading("Regeln", 1)
        document.add_paragraph().add_run("Wer genehmigt eine Reise?").bold = True
        document.add_paragraph("Der Leiter.")
        document.add_paragraph("Vorher.", style="List Bullet")
        lead = document.add_paragraph()
        lead.add_run("Wie lange vorher? ").bold = True
        lead.add_run("Zwei Wochen.")
        document.styles.add_style("FAQ Question", 1)
        document.add_paragraph("Verlorene Belege", style="FAQ Question")
        document.add_paragraph("Frage 4: Was gilt im Ausland?")
        document.add_paragraph("Antwort: Die Tabelle.")

    assert asked(word.read, documents.word(write)) == [
        ("Wer genehmigt eine Reise?", "Der Leiter.\n\n- Vorher."),
        ("Wie lange vorher?", "Zwei Wochen."),
        ("Was gilt im Ausland?", "Die Tabelle."),
    ]


def test_a_million_lines_that_look_like_marks_take_no_time() -> None:
    for line in ("Q: a\n", "A: b\n", "Q" * 50 + "\n", "1. 1. 1. ?\n", "- - - ?\n", "Frage 1.1.1"):
        assert asked(plain.read, line * 20_000 + "end") is not None


@pytest.mark.parametrize(
    ("line", "none"),
    [
        ("The printer is on floor 3.", True), ("Desks: see below", True), ("17 of 20", True), ("- see page 4", True),
        ("Q: Lost badge", False), ("- (F2) Wo?", False), ("Вопрос 3: пароль", False), ("问：多少", False),
        ("答: 3", False), ("ANTWORT - ja", False), ("Is it open?", False), ("Πού είναι;", False),
        ("x\ny\n R. no", False),
    ],
)  # fmt: skip
def test_most_texts_hold_no_question_at_first_sight(line: str, none: bool) -> None:
    assert questions.holds_none(line) is none


def test_no_mark_is_overlooked_at_first_sight() -> None:
    marks = [*questions._QUESTION_WORDS, *questions._ANSWER_WORDS, *"".join(map("".join, questions.LETTERS)), "q", "a"]
    for mark in marks:
        for spelled in {mark, mark.upper(), mark.capitalize()}:
            for line in (f"{spelled}: text", f"  - [{spelled} 2] text", f"{spelled}1. text"):
                found = questions._QUESTION.match(line) or questions._ANSWER.match(line)
                assert found is None or not questions.holds_none(line), line
