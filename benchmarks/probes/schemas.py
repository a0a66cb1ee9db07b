"""What lists of a company hold: columns with values, and how people ask for them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.probes.draw import Draw

Value = Callable[[int], str]
"""Returns the value of a row, by its number."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Column:
    """A column: its name, its values, and questions for them, in which `{}` stands for the row's identifier."""

    name: str
    value: Value
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schema:
    """A kind of list; the first column identifies its rows."""

    kind: str
    caption: str
    columns: tuple[Column, ...]
    absent: tuple[str, ...]
    """Questions for what no column says."""
    unknown: str = ""
    """An identifier like the others that no row has."""


def literal(*values: str) -> str:
    """Return what an answer must hold: all these, as they are written."""
    return " + ".join(re.escape(each) for each in values)


def money(draw: Draw, amounts: Sequence[int]) -> Value:
    """Return amounts of cents in one way of writing them."""
    style = draw.any(("{:.2f} EUR", "€{:,.2f}", "£{:,.2f}", "CHF {:.2f}", "${:,.2f}", "{:.2f} PLN", "{:,.2f}"))
    return lambda row: style.format(amounts[row] / 100)


def prices(draw: Draw, rows: int) -> Schema:
    """Return a price list."""
    maker, letters, numbers = draw.name(), draw.letters(2), draw.numbers(100, 999, rows + 1)
    thing = draw.one(("hinge", "valve", "bracket", "cable", "sensor", "lamp", "pump", "filter", "gasket", "drill"))
    form = draw.any(("{}-{}", "{}{}", "{}.{}", "{}/{}-A"))
    price = money(draw, draw.numbers(150, 99_999, rows))
    weights = draw.numbers(110, 9_990, rows)
    return Schema(
        "price list",
        f"{maker} price list",
        (
            Column(draw.any(("SKU", "Article no.", "Part", "Item")), lambda row: form.format(letters, numbers[row])),
            Column("Description", lambda row: f"{maker} {thing} type {row + 1}"),
            Column(
                draw.any(("Price", "List price", "Unit price")),
                price,
                (
                    "What is the price of {}?", "How much does {} cost?", "What does {} cost?", "Price for {}?",
                    "Tell me the price of article {}.", "What do we charge for {}?",
                ),
            ),
            Column(
                "Weight",
                lambda row: f"{weights[row]} g",
                ("How heavy is {}?", "What is the weight of {}?", "What does {} weigh?", "How many grams has {}?"),
            ),
        ),
        ("What colour is {}?", "Who supplies {}?", "What is the warranty on {}?", "When was {} introduced?"),
        form.format(letters, numbers[rows]),
    )  # fmt: skip


def phones(draw: Draw, rows: int) -> Schema:
    """Return a phone list."""
    people = [draw.person() for _ in range(rows + 1)]
    extensions = draw.numbers(2000, 8999, rows)
    teams = ("Billing", "Repairs", "Sales", "Legal", "Payroll", "Reception", "Logistics")
    places = [draw.any(("Aarhus", "Odense", "Lyon", "Graz", "Porto", "Leeds", "Ghent")) for _ in range(rows)]
    return Schema(
        "phone list",
        f"{draw.name()} office phone list",
        (
            Column("Name", lambda row: people[row]),
            Column(
                draw.any(("Extension", "Ext.", "Phone")),
                lambda row: str(extensions[row]),
                (
                    "What is the extension of {}?", "Which extension do I dial for {}?", "What is {}'s phone number?",
                    "How can I reach {} by phone?", "What number does {} have?", "Phone extension of {}?",
                ),
            ),
            Column("Team", lambda row: teams[row % len(teams)], ("Which team is {} in?", "What team does {} work in?")),
            Column("Office", lambda row: places[row], ("In which office does {} work?", "Where is {} based?")),
        ),
        ("When is the birthday of {}?", "Who is the manager of {}?", "What is the salary of {}?"),
        people[rows],
    )  # fmt: skip


def errors(draw: Draw, rows: int) -> Schema:
    """Return a list of error codes."""
    letters, numbers = draw.letters(2), draw.numbers(100, 999, rows + 1)
    device = draw.name()
    form = draw.any(("{}-{}", "{}{}", "E-{}{}"))
    parts = ("fan", "belt", "tray", "door", "tank", "probe", "motor", "fuse", "lens", "seal", "pump", "board")
    faults = ("is blocked", "is missing", "overheats", "is loose", "answers too late", "is worn")
    actions = ("clean the {}", "replace the {}", "tighten the {}", "call service about the {}", "reseat the {}")
    pairs = draw.some([(part, fault) for part in parts for fault in faults], rows)
    return Schema(
        "error codes",
        f"{device} error codes",
        (
            Column("Code", lambda row: form.format(letters, numbers[row])),
            Column(
                "Meaning",
                lambda row: f"The {pairs[row][0]} {pairs[row][1]}",
                ("What does error {} mean?", "What is the meaning of code {}?", "My screen shows {}, what is that?"),
            ),
            Column(
                "What to do",
                lambda row: actions[(row * 3 + 1) % 5].format(pairs[row][0]).capitalize(),
                ("What should I do on error {}?", "How do I fix error {}?", "What to do about {}?"),
            ),
        ),
        ("Who discovered error {}?", "How often does error {} occur per year?"),
        form.format(letters, numbers[rows]),
    )


def hours(draw: Draw, rows: int) -> Schema:
    """Return opening hours of branches."""
    branches = [draw.name() for _ in range(rows + 1)]
    opens = [f"{draw.number(6, 10):02}:{draw.any(('00', '15', '30', '45'))}" for _ in range(rows)]
    closes = [f"{draw.number(15, 21):02}:{draw.any(('05', '20', '35', '50'))}" for _ in range(rows)]
    days = [draw.any(DAYS) for _ in range(rows)]
    return Schema(
        "opening hours",
        f"{draw.name()} opening hours",
        (
            Column(draw.any(("Branch", "Store", "Location")), lambda row: branches[row]),
            Column("Opens", lambda row: opens[row], ("When does the {} branch open?", "From when is {} open?")),
            Column(
                "Closes",
                lambda row: closes[row],
                ("When does the {} branch close?", "Until when is {} open?", "At what time does {} close?"),
            ),
            Column("Late evening", lambda row: days[row], ("On which day is {} open late?", "Which day is {} late?")),
        ),
        ("How many people work at {}?", "Who manages the {} branch?", "Is there parking at {}?"),
        branches[rows],
    )


def rooms(draw: Draw, rows: int) -> Schema:
    """Return a list of meeting rooms."""
    numbers = draw.numbers(101, 799, rows + 1)
    seats = draw.numbers(4, 95, rows)
    floors = [draw.any(("ground floor", "first floor", "second floor", "annex", "basement")) for _ in range(rows)]
    keys = draw.numbers(1000, 1999, rows)
    return Schema(
        "rooms",
        f"{draw.name()} house rooms",
        (
            Column("Room", lambda row: f"Room {numbers[row]}"),
            Column("Seats", lambda row: str(seats[row]), ("How many seats does {} have?", "How many people fit {}?")),
            Column("Where", lambda row: floors[row], ("On which floor is {}?", "Where is {}?")),
            Column("Key", lambda row: f"K-{keys[row]}", ("Which key opens {}?", "What key do I need for {}?")),
        ),
        ("What colour are the walls of {}?", "How much is the rent of {}?"),
        f"Room {numbers[rows]}",
    )


def assets(draw: Draw, rows: int) -> Schema:
    """Return a list of lent devices."""
    letters, numbers = draw.letters(3), draw.numbers(10_000, 99_999, rows + 1)
    people = [draw.person() for _ in range(rows)]
    models = [f"{draw.any(('ProBook', 'Latimer', 'Zenbook', 'Duo', 'Air'))} {draw.number(2, 19)}" for _ in range(rows)]
    dates = [f"{draw.number(1, 28)} {draw.any(MONTHS)} {draw.number(2027, 2035)}" for _ in range(rows)]
    return Schema(
        "assets",
        f"{draw.name()} asset register",
        (
            Column("Asset tag", lambda row: f"{letters}{numbers[row]}"),
            Column("User", lambda row: people[row], ("Who uses {}?", "Whose device is {}?", "Who has asset {}?")),
            Column("Model", lambda row: models[row], ("Which model is {}?", "What kind of device is {}?")),
            Column(
                "Warranty until",
                lambda row: dates[row],
                ("Until when is {} under warranty?", "When does the warranty of {} end?"),
            ),
        ),
        ("What did {} cost?", "Which software is installed on {}?"),
        f"{letters}{numbers[rows]}",
    )


def plans(draw: Draw, rows: int) -> Schema:
    """Return the plans of a product with their limits."""
    names = [draw.name() for _ in range(rows + 1)]
    users, storage = draw.numbers(3, 990, rows), draw.numbers(11, 999, rows)
    fee = money(draw, draw.numbers(500, 39_900, rows))
    return Schema(
        "plans",
        f"{draw.name()} cloud plans",
        (
            Column("Plan", lambda row: names[row]),
            Column("Users", lambda row: str(users[row]), ("How many users may the {} plan have?", "Users in {}?")),
            Column(
                "Storage", lambda row: f"{storage[row]} GB", ("How much storage has the {} plan?", "Storage of {}?")
            ),
            Column("Monthly fee", fee, ("What does the {} plan cost a month?", "What is the monthly fee of {}?")),
        ),
        ("What is the setup fee of the {} plan?", "Which support hours come with {}?"),
        names[rows],
    )


SCHEMAS = (prices, phones, errors, hours, rooms, assets, plans)
