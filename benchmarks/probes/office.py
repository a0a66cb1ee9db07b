"""What Word and the web hide from a simple reader: running heads, numbering, boxes, text shown by class or width."""

from collections.abc import Iterator

import docx

from benchmarks.probes.draw import Draw
from benchmarks.probes.model import Probe, Question
from benchmarks.probes.schemas import literal
from benchmarks.probes.writers import page, word

TEXTS = (
    "Either side may end the contract within {v} days.",
    "Spare parts are kept for {v} years.",
    "Prices are fixed for {v} months.",
    "Late payment costs {v} percent a year.",
)


def office(draw: Draw) -> Iterator[Probe]:
    """Yield each of them."""
    yield _running_heads(draw)
    yield _numbered(draw)
    yield _web(draw)
    yield _two_lists(draw)


def _running_heads(draw: Draw) -> Probe:
    name, hotline = draw.name(), str(draw.number(4_000, 9_000))
    day = f"{draw.number(2, 28)} April {draw.number(2028, 2036)}"
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = f"{name} fire plan, valid from {day}"
    document.sections[0].footer.paragraphs[0].text = f"Fire hotline of {name}: {hotline}"
    for text in ("Leave by the nearest stairs.", "Meet at the flag pole.", "Nobody uses the lifts."):
        document.add_paragraph(text)
    file = word(f"{name.lower()}_fire_plan_word", document)
    return Probe(
        (file,),
        (
            Question(f"From when is the {name} fire plan valid?", literal(day), "docx: running head", file.name),
            Question(f"What is the number of the fire hotline of {name}?", hotline, "docx: running head", file.name),
        ),
    )


def _numbered(draw: Draw) -> Probe:
    """A list that Word numbers by itself."""
    name, values = draw.name(), draw.numbers(11, 99, 4)
    document = docx.Document()
    document.add_heading(f"{name} terms", 1)
    for text, value in zip(draw.shuffled(TEXTS), values, strict=True):
        document.add_paragraph(text.format(v=value), style="List Number")
    file = word(f"{name.lower()}_terms", document)
    place = draw.number(1, 3)
    others = tuple(str(value) for value in values if value != values[place])
    text = draw.one(("What does point {} of the {} terms say?", "What is in item {} of the {} terms?"))
    asked = text.format(place + 1, name)
    return Probe((file,), (Question(asked, str(values[place]), "docx: numbering", file.name, others),))


def _web(draw: Draw) -> Probe:
    """Text of a bar whose colour comes from a class, of a tab that a click opens, of a part for wide screens."""
    name = draw.name()
    hotline, days, fee = str(draw.number(4_000, 9_000)), draw.number(13, 90), draw.number(20, 400)
    style = ".bar{background:#036}.tab{display:none}.tab.open{display:block}.wide{display:none}"
    style += "@media (min-width:800px){.wide{display:block}}"
    body = (
        f"<div class=bar><p style='color:#fff'>Hotline of {name}: {hotline}</p></div>"
        f"<div class=tab id=returns><p>Returns to {name} are possible within {days} days.</p></div>"
        f"<div class=wide><p>Express delivery by {name} costs {fee} EUR.</p></div>"
        "<p style='display:none'>Staff only: never tell the discount.</p>"
    )
    file = page(f"{name.lower()}_shop", f"{name} shop", body, style)
    return Probe(
        (file,),
        (
            Question(f"What is the hotline of {name}?", hotline, "html: styled", file.name),
            Question(
                f"Within how many days are returns to {name} possible?", f"{days} days", "html: styled", file.name
            ),
            Question(f"What does express delivery by {name} cost?", f"{fee} EUR", "html: styled", file.name),
        ),
    )


def _two_lists(draw: Draw) -> Probe:
    """Steps of two tasks on one page: the whole of one, nothing of the other."""
    name, minutes, seconds = draw.name(), draw.number(3, 40), draw.number(11, 59)
    body = (
        f"<h2>Restart the {name} server</h2><ol><li>Stop the queue.</li><li>Wait {minutes} minutes.</li>"
        f"<li>Start the queue.</li></ol><h2>Replace the {name} disk</h2><ol><li>Pull the handle.</li>"
        f"<li>Insert the disk for {seconds} seconds.</li><li>Close the lid.</li></ol>"
    )
    file = page(f"{name.lower()}_tasks", f"{name} tasks", body)
    restart = f"Stop the queue + {minutes} minutes + Start the queue"
    replace = f"Pull the handle + {seconds} seconds + Close the lid"
    one = draw.one((f"How do I restart the {name} server?", f"Steps to restart the {name} server?"))
    other = draw.one((f"How do I replace the {name} disk?", f"How can I change the disk of {name}?"))
    return Probe(
        (file,),
        (
            Question(one, restart, "steps", file.name, ("Pull the handle", "Close the lid"), in_order=True),
            Question(other, replace, "steps", file.name, ("Stop the queue", "Start the queue"), in_order=True),
        ),
    )
