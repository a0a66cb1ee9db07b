"""Tables as people lay them out: heads of two levels, groups, several tables on a sheet, no heads, hidden columns."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, time

import docx
import openpyxl

from benchmarks.probes.draw import Draw
from benchmarks.probes.lists import row_question, sheet_of
from benchmarks.probes.model import Probe, Question
from benchmarks.probes.schemas import hours, literal, prices
from benchmarks.probes.writers import TABLES, Sheet, page, word, workbook

HEADLESS = ("csv", "xlsx", "docx", "txt", "html")


def layouts(draw: Draw) -> Iterator[Probe]:
    """Yield each layout in the kinds of files that have it."""
    yield from (_levels(draw, kind) for kind in ("html", "xlsx", "docx"))
    yield from (_groups(draw, kind) for kind in ("html", "xlsx", "docx"))
    yield from (_headless(draw, kind) for kind in HEADLESS)
    yield from (_several(draw, below=each) for each in (True, False))
    yield _hidden(draw)
    yield _formats(draw)


def _levels(draw: Draw, kind: str) -> Probe:
    """Two levels of heads: rates by region and season; the upper cells span two columns."""
    name, regions = draw.name(), [draw.name() for _ in range(2)]
    seasons = draw.any((("Summer", "Winter"), ("Weekday", "Weekend"), ("Members", "Guests"), ("Net", "Gross")))
    things = draw.some(("Bicycle", "Canoe", "Tent", "Sledge", "Kayak", "Helmet", "Trailer"), 4)
    values = draw.numbers(12, 480, 16)
    rows = [
        [thing, *(f"{values[4 * place + column]} EUR" for column in range(4))] for place, thing in enumerate(things)
    ]
    title = f"{name} rental rates"
    if kind == "html":
        head = f"<tr><th rowspan=2>Item</th>{''.join(f'<th colspan=2>{each}</th>' for each in regions)}</tr><tr>"
        head += "".join(f"<th>{each}</th>" for each in (*seasons, *seasons)) + "</tr>"
        body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        file = page(f"{name.lower()}_rates", title, f"<table>{head}{body}</table>")
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "Rates"
        for row in (["Item", regions[0], "", regions[1], ""], ["", *seasons, *seasons], *rows):
            sheet.append([each or None for each in row])
        for cells in ("A1:A2", "B1:C1", "D1:E1"):
            sheet.merge_cells(cells)
        file = workbook(f"{name.lower()}_rates", book)
    else:
        document = docx.Document()
        document.add_heading(title, 1)
        table = document.add_table(2 + len(rows), 5)
        for place, row in enumerate((["Item", regions[0], "", regions[1], ""], ["", *seasons, *seasons], *rows)):
            for column, text in enumerate(row):
                table.cell(place, column).text = text
        table.cell(0, 1).merge(table.cell(0, 2)).text = regions[0]
        table.cell(0, 3).merge(table.cell(0, 4)).text = regions[1]
        table.cell(0, 0).merge(table.cell(1, 0)).text = "Item"
        file = word(f"{name.lower()}_rates", document)
    questions = []
    for number in range(3):
        thing, column = things[number], draw.number(0, 3)
        region, season = regions[column // 2], seasons[column % 2].lower()
        text = draw.one(("What does a {t} cost in {r} ({s})?", "What is the {s} rate of a {t} in {r}?"))
        others = {cell for row in rows for cell in row[1:] if row[0] != thing} | {each[0] for each in rows}
        questions.append(
            Question(
                text.format(t=thing.lower(), r=region, s=season),
                literal(rows[number][1 + column]),
                "two-level head",
                file.name,
                tuple(sorted(others - {thing})),
                identifier=thing,
            )
        )
    return Probe((file,), tuple(questions))


def _groups(draw: Draw, kind: str) -> Probe:
    """A first column whose cells span several rows: a repair's price depends on the device."""
    name, devices = draw.name(), [draw.name() for _ in range(3)]
    jobs = draw.some(("Screen", "Battery", "Keyboard", "Hinge", "Camera", "Speaker"), 3)
    values = draw.numbers(15, 390, 9)
    rows = [
        [device, job, f"{values[3 * place + number]} EUR"]
        for place, device in enumerate(devices)
        for number, job in enumerate(jobs)
    ]
    head = ["Device", "Repair", "Price"]
    if kind == "html":
        body = "".join(
            "<tr>"
            + (f"<td rowspan=3>{row[0]}</td>" if not place % 3 else "")
            + f"<td>{row[1]}</td><td>{row[2]}</td></tr>"
            for place, row in enumerate(rows)
        )
        head_row = "".join(f"<th>{each}</th>" for each in head)
        file = page(f"{name.lower()}_repairs", f"{name} repairs", f"<table><tr>{head_row}</tr>{body}</table>")
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(head)
        for place, row in enumerate(rows):
            sheet.append([row[0] if not place % 3 else None, *row[1:]])
        for place in (2, 5, 8):
            sheet.merge_cells(f"A{place}:A{place + 2}")
        file = workbook(f"{name.lower()}_repairs", book)
    else:
        document = docx.Document()
        document.add_heading(f"{name} repairs", 1)
        table = document.add_table(10, 3)
        for place, row in enumerate([head, *rows]):
            for column, text in enumerate(row):
                table.cell(place, column).text = text
        for place in (1, 4, 7):
            table.cell(place, 0).merge(table.cell(place + 2, 0)).text = rows[place - 1][0]
        file = word(f"{name.lower()}_repairs", document)
    questions = []
    for place in draw.numbers(0, 8, 3):
        device, job, price = rows[place]
        text = draw.one(("What does a new {j} for the {d} cost?", "How much is the {j} repair of a {d}?"))
        others = tuple(row[2] for row in rows if row[2] != price)
        questions.append(
            Question(text.format(j=job.lower(), d=device), literal(price), "grouped rows", file.name, others)
        )
    return Probe((file,), tuple(questions))


def _headless(draw: Draw, kind: str) -> Probe:
    """Contacts without column names."""
    name = draw.name()
    rows = [
        [
            draw.person(),
            draw.any(("Billing", "Repairs", "Legal", "Sales")),
            draw.any(("Aarhus", "Graz", "Leeds", "Porto")),
            f"+{draw.number(31, 49)} {draw.number(200, 999)} {draw.number(1000, 9999)}",
        ]
        for _ in range(draw.number(5, 12))
    ]
    file = TABLES[kind](f"{name.lower()}_contacts", Sheet(f"{name} contacts", (), rows))
    questions = []
    for row in rows[:3]:
        others = tuple(cell for other in rows if other is not row for cell in (other[0], other[3]))
        text = draw.one(("What is the phone number of {}?", "How do I call {}?"))
        questions.append(
            Question(text.format(row[0]), literal(row[3]), "headless table", file.name, others, identifier=row[0])
        )
    return Probe((file,), tuple(questions))


def _several(draw: Draw, *, below: bool) -> Probe:
    """Two tables on one sheet, one below the other or side by side."""
    first, second = prices(draw, 5), hours(draw, 5)
    upper, lower = sheet_of(first, 5), sheet_of(second, 5)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Overview"
    if below:
        for row in (*upper.lines, [], *lower.lines):
            sheet.append(list(row))
    else:
        for left, right in zip(upper.lines, lower.lines, strict=True):
            sheet.append([*left, None, *right])
    file = workbook(f"{draw.name().lower()}_overview", book)
    questions = [
        row_question(draw, schema, 5, draw.number(0, 4), place, file.name)
        for schema, place in ((first, 2), (first, 3), (second, 1), (second, 2))
    ]
    return Probe((file,), tuple(_of_kind(questions, "several tables")))


def _hidden(draw: Draw) -> Probe:
    """A price list whose purchase prices and one row are hidden."""
    schema = prices(draw, 8)
    lines: Sequence[Sequence[str]] = sheet_of(schema, 8).rows
    bought = [f"{each} EUR" for each in draw.numbers(2, 90, 8)]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([*(each.name for each in schema.columns), "Purchase price"])
    for row, price in zip(lines, bought, strict=True):
        sheet.append([*row, price])
    sheet.column_dimensions["E"].hidden = True
    sheet.row_dimensions[9].hidden = True
    file = workbook(f"{schema.caption.lower().replace(' ', '_')}_visible", book)
    codes = [row[0] for row in lines]
    asked = draw.one(("What is the purchase price of {}?", "What do we pay to buy {}?"))
    return Probe(
        (file,),
        (
            *_of_kind([row_question(draw, schema, 8, 2, 2, file.name)], "row"),
            Question(f"What is the price of {codes[7]}?", "abstain", "hidden", file.name),
            # The visible price of the same article is no answer either: it is another price.
            Question(asked.format(codes[3]), "abstain", "hidden", file.name),
        ),
    )


def _formats(draw: Draw) -> Probe:
    """Numbers as Excel shows them: percent, currency, dates, hours."""
    name = draw.name()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Tariff", "Discount", "Fee", "Valid from", "Cut-off"])
    rows = []
    for place in range(2, 7):
        tariff, share, cents = draw.name(), draw.number(11, 899), draw.number(100_000, 999_999)
        day, at = date(2030, draw.number(1, 12), draw.number(13, 28)), time(draw.number(10, 22), draw.number(10, 55))
        sheet.append([tariff, share / 1000, cents / 100, day, at])
        for column, form in zip("BCDE", ("0.0%", '#,##0.00 "EUR"', "dd/mm/yyyy", "hh:mm"), strict=True):
            sheet[f"{column}{place}"].number_format = form
        rows.append((tariff, f"{share / 10:.1f}%", f"{cents / 100:,.2f} EUR", f"{day:%d/%m/%Y}", f"{at:%H:%M}"))
    file = workbook(f"{name.lower()}_tariffs", book)
    asked = (
        ("What discount has the tariff {}?", "Which discount comes with {}?"),
        ("What is the fee of the tariff {}?", "How high is the fee of {}?"),
        ("From when is the tariff {} valid?", "Since which date is {} valid?"),
        ("What is the cut-off of {}?", "When is the cut-off of tariff {}?"),
    )
    questions = []
    for column, wordings in enumerate(asked, 1):
        row = rows[column]
        others = tuple(other[column] for other in rows if other is not row)
        shown = literal(row[column]).replace("%", "\\ ?%")
        questions.append(
            Question(draw.one(wordings).format(row[0]), shown, "shown values", file.name, others, identifier=row[0])
        )
    return Probe((file,), tuple(questions))


def _of_kind(questions: Sequence[Question], kind: str) -> list[Question]:
    return [replace(each, kind=kind) for each in questions]
