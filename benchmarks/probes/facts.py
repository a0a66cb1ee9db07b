"""Topics of company handbooks: facts with values, how people ask for each, and what the document doesn't say."""

from dataclasses import dataclass

from benchmarks.probes.draw import Draw


@dataclass(frozen=True)
class Fact:
    """A sentence in several wordings with `{v}` for its value, and questions for it."""

    wordings: tuple[str, ...]
    value: str
    """`days`, `money`, `time`, `date`, `person`, `place`, `percent`, `count`, or the value itself."""
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Topic:
    """A document about one subject, `{n}`."""

    title: str
    facts: tuple[Fact, ...]
    filler: tuple[str, ...]
    absent: tuple[str, ...]


MONTHS_OF = ("January", "March", "April", "May", "June", "August", "September", "October", "November", "December")


def value(draw: Draw, kind: str) -> str:
    """Return a value of a kind."""
    made = {
        "days": lambda: f"{draw.number(13, 95)} days",
        "money": lambda: draw.any(
            (f"{draw.number(21, 980)} EUR", f"${draw.number(21, 980)}", f"£{draw.number(21, 980)}")
        ),
        "time": lambda: f"{draw.number(7, 21)}:{draw.number(10, 55)}",
        "date": lambda: f"{draw.number(2, 28)} {draw.any(MONTHS_OF)} {draw.number(2027, 2034)}",
        "person": draw.person,
        "place": lambda: (
            f"the {draw.any(('north', 'south', 'east', 'west'))} {draw.any(('hall', 'gate', 'wing', 'depot'))}"
        ),
        "percent": lambda: f"{draw.number(11, 94)} percent",
        "count": lambda: str(draw.number(11, 480)),
    }
    return made[kind]() if kind in made else kind


TOPICS = (
    Topic(
        "{n} parental leave",
        (
            Fact(
                ("Birthing parents at {n} take {v} of paid leave.", "Paid leave of a birthing parent at {n} is {v}."),
                "days",
                (
                    "How much paid leave does a birthing parent get at {n}?",
                    "How many days of leave do birthing parents take at {n}?",
                ),
            ),
            Fact(
                ("Partners at {n} take {v} of paid leave.", "For partners, {n} pays {v} of leave."),
                "days",
                ("How much paid leave do partners get at {n}?", "How many days of leave does a partner have at {n}?"),
            ),
            Fact(
                (
                    "Applications go to {v}, who answers within a week.",
                    "{v} handles the applications for leave at {n}.",
                ),
                "person",
                (
                    "Who handles applications for parental leave at {n}?",
                    "To whom do I send my parental leave application at {n}?",
                ),
            ),
            Fact(
                ("Return talks are held before {v}.", "The return talk takes place by {v} at the latest."),
                "date",
                ("By when are return talks held at {n}?", "What is the latest date for the return talk at {n}?"),
            ),
        ),
        (
            "We want every family to feel welcome.",
            "Plan your handover early and tell your team about it.",
            "Talk to your lead when plans change.",
            "Leave can be taken in one block or in several.",
        ),
        (
            "How long is bereavement leave at {n}?",
            "How many days of sabbatical does {n} offer?",
            "What does childcare cost at {n}?",
        ),
    ),
    Topic(
        "{n} travel rules",
        (
            Fact(
                ("For hotels in {n} the limit is {v} a night.", "A hotel night on {n} trips may cost up to {v}."),
                "money",
                ("What is the hotel limit for {n} trips?", "How much may a hotel night cost on {n} trips?"),
            ),
            Fact(
                ("For meals in {n} the limit is {v} a day.", "Meals on {n} trips are paid up to {v} a day."),
                "money",
                ("What is the meal limit for {n} trips?", "How much may I spend on meals per day on {n} trips?"),
            ),
            Fact(
                ("Receipts must be handed in within {v}.", "Hand in receipts of {n} trips within {v}."),
                "days",
                (
                    "Within how many days must receipts of {n} trips be handed in?",
                    "How long do I have to hand in receipts for {n}?",
                ),
            ),
            Fact(
                ("The travel desk of {n} closes at {v}.", "You reach the {n} travel desk until {v}."),
                "time",
                ("When does the {n} travel desk close?", "Until when is the {n} travel desk reachable?"),
            ),
        ),
        (
            "Book early and compare offers.",
            "Keep the itinerary tidy and share it with your team.",
            "First class is for journeys by night.",
            "Choose the train where it is not much slower.",
        ),
        ("What is the mileage rate at {n}?", "Which airline does {n} prefer?", "How much is the visa fee paid by {n}?"),
    ),
    Topic(
        "{n} store",
        (
            Fact(
                ("The {n} store closes at {v} sharp.", "Closing time of the {n} store is {v}."),
                "time",
                ("When does the {n} store close?", "What is the closing time of the {n} store?"),
            ),
            Fact(
                ("Deliveries arrive at {v}.", "At the {n} store deliveries come in at {v}."),
                "place",
                ("Where do deliveries arrive at the {n} store?", "At which gate do {n} deliveries come in?"),
            ),
            Fact(
                ("The stock of {n} is counted on {v}.", "Stocktaking at {n} is on {v}."),
                "date",
                ("When is the stock of {n} counted?", "On which date is stocktaking at {n}?"),
            ),
            Fact(
                ("{v} holds the keys of the store.", "The keys of the {n} store are with {v}."),
                "person",
                ("Who holds the keys of the {n} store?", "Who has the keys to the {n} store?"),
            ),
        ),
        (
            "Keep the {n} store tidy.",
            "Always lock the cage before you leave.",
            "Put heavy boxes on the lower shelves.",
            "Report broken pallets at once.",
            "Do not block the fire exits of the {n} store.",
        ),
        ("How large is the {n} store?", "What rent do we pay for the {n} store?", "When was the {n} store built?"),
    ),
    Topic(
        "{n} mailing service",
        (
            Fact(
                ("One {n} mailbox holds {v} messages.", "The limit of a {n} mailbox is {v} messages."),
                "count",
                ("How many messages does a {n} mailbox hold?", "What is the limit of messages in a {n} mailbox?"),
            ),
            Fact(
                ("Deleted mail is kept for {v}.", "{n} keeps deleted mail for {v}."),
                "days",
                ("How long does {n} keep deleted mail?", "For how many days is deleted mail kept at {n}?"),
            ),
            Fact(
                ("The service window of {n} begins at {v}.", "At {v} the service window of {n} begins."),
                "time",
                ("At what time does the service window of {n} begin?", "When does the {n} service window start?"),
            ),
            Fact(
                ("{n} is available {v} of the time.", "We promise that {n} is up {v} of the time."),
                "percent",
                ("What availability does {n} promise?", "How much of the time is {n} up?"),
            ),
        ),
        (
            "Choose a long password and change it when you are asked to.",
            "Open the settings to add a signature.",
            "Shared folders belong to a team.",
            "Never send passwords by mail.",
        ),
        ("How large may an attachment be in {n}?", "Which protocol does {n} use?", "What does a {n} mailbox cost?"),
    ),
    Topic(
        "{n} training budget",
        (
            Fact(
                (
                    "Each employee of {n} has {v} a year for courses.",
                    "The yearly course budget at {n} is {v} per employee.",
                ),
                "money",
                (
                    "How much is the yearly course budget at {n}?",
                    "What may an employee of {n} spend on courses a year?",
                ),
            ),
            Fact(
                (
                    "Team leads of {n} have {v} a year for conferences.",
                    "For conferences, {n} gives team leads {v} a year.",
                ),
                "money",
                (
                    "How much do team leads of {n} have for conferences?",
                    "What is the conference budget of {n} team leads?",
                ),
            ),
            Fact(
                ("{v} approves courses abroad.", "Courses abroad are approved by {v}."),
                "person",
                ("Who approves courses abroad at {n}?", "Whose approval does a course abroad need at {n}?"),
            ),
            Fact(
                ("Requests for the next year are due on {v}.", "Hand in requests for the next year by {v}."),
                "date",
                (
                    "When are requests for the next year due at {n}?",
                    "What is the deadline for next year's course requests at {n}?",
                ),
            ),
        ),
        (
            "Learning is part of the work.",
            "Share what you learned with your team.",
            "Fill in the form before you book.",
            "Unused money is not paid out.",
        ),
        (
            "How many days of study leave does {n} give?",
            "Which language courses does {n} run?",
            "What is the bonus at {n}?",
        ),
    ),
    Topic(
        "{n} visitors and parking",
        (
            Fact(
                ("Visitors of {n} park at {v}.", "Parking for visitors of {n} is at {v}."),
                "place",
                ("Where do visitors of {n} park?", "Where is the visitor parking of {n}?"),
            ),
            Fact(
                ("A lost badge costs {v}.", "{n} charges {v} for a lost badge."),
                "money",
                ("What does a lost badge cost at {n}?", "How much is charged for a lost {n} badge?"),
            ),
            Fact(
                ("Reception at {n} is open until {v}.", "The {n} reception closes at {v}."),
                "time",
                ("Until when is the reception of {n} open?", "When does reception close at {n}?"),
            ),
            Fact(
                ("There are {v} parking spaces for electric cars.", "{n} has {v} spaces for electric cars."),
                "count",
                ("How many spaces for electric cars does {n} have?", "How many electric cars can park at {n}?"),
            ),
        ),
        (
            "Greet visitors at the door.",
            "Wear your badge where it can be seen.",
            "Please return the badge in the evening.",
            "Photos need permission.",
        ),
        (
            "Who designed the building of {n}?",
            "How high is the garage of {n}?",
            "What is the guest wifi password at {n}?",
        ),
    ),
)
"""The same topics for both halves; names, values and wordings differ."""
