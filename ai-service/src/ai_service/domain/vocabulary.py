"""The keywords of the seeded departments: singular, lower case, and no word twice."""

from ai_service.domain.departments import Department, Departments
from ai_service.domain.generated.common_words import COMMON_WORDS
from ai_service.domain.languages import FOREIGN_STOP_WORDS
from ai_service.domain.ticket_text import TicketText, singular


def vocabulary(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


WORDS: dict[str, frozenset[str]] = {
    "IT Support": vocabulary("""
        account app browser computer crash crashed database email error excel hardware headset install
        internet keyboard laptop login malware monitor mouse network outlook password phishing phone printer
        projector reboot router screen server software sso spam teams usb virus vpn webcam wifi windows
    """),
    "HR": vocabulary("""
        absence appraisal apprentice benefit candidate contract discrimination employment harassment hiring
        holiday hr interview leave maternity mentor offboarding onboarding parental paternity payroll payslip
        pension pregnancy probation promotion recruitment resignation salary sick sickness timesheet training
        vacation workplace
    """),
    "Facilities": vocabulary("""
        aircon airconditioning badge bathroom bin bulb carpet ceiling chair cleaner cleaning conditioner
        conditioning desk door draught electrician elevator facility furniture heater heating kitchen lamp
        leak leaking lift light lock locker mould parking plumber plumbing radiator restroom roof sink socket
        stair tap temperature thermostat toilet
    """),
    "Finance": vocabulary("""
        accounting audit bank bill billing budget credit currency debit discount expense finance iban invoice
        ledger overcharge overcharged payable payment prepayment price procurement purchase receipt receivable
        refund reimburse reimbursed reimbursement supplier tax vat vendor
    """),
    "General": vocabulary("""
        announcement anniversary brochure compliment directions donation enquiry feedback general guideline
        idea information inquiry newsletter picnic policy question suggestion survey visitor volunteer
    """),
}

MAX_DESCRIPTION_WORDS = 20
"""The number of words of its description that are evidence for a department that a company added."""

_UNINFORMATIVE = vocabulary("""
    about after all also and any are because been before being between both but can company could department desk
    does done during each etc every for from general group had handle handles has have help helps into issue
    issues its like matter matters may more most must need needs not office other our out over own people person
    problem problems question questions related request requests service services should some staff such support
    team teams than that the their them then there these they thing things this those through ticket tickets under
    upon use used user users very was were what when where which while who whom whose will with within work works
    would you your
""")


_COMMON = vocabulary(COMMON_WORDS)


def words_of(departments: Departments) -> dict[str, str]:
    """Return the department that each word is evidence for; no word has two."""
    return {word: owner for word, (owner, _) in owners(departments).items()}


def owners(departments: Departments) -> dict[str, tuple[str, bool]]:
    """Return for each word its department, and whether one such word may be strong evidence.

    The seeded departments have the lists above. The words of a department that the company added are those of its name,
    which outrank the lists because somebody chose them for this company, and those words of its description that
    belong to no other department. A common word of a description is weak evidence.
    """
    owner: dict[str, tuple[str, bool]] = {}
    added = [each for each in departments if seeded(each) is None]
    for each in departments:
        for word in WORDS.get(seeded(each) or "", ()):
            owner[word] = (each.name, True)
    named: set[str] = set()
    for each in added:
        for word in _informative_words(each.name, min_characters=2):
            if word not in named:
                named.add(word)
                owner[word] = (each.name, True)
    for each in added:
        for word in _informative_words(each.description, min_characters=4)[:MAX_DESCRIPTION_WORDS]:
            owner.setdefault(word, (each.name, word not in _COMMON))
    return owner


def seeded(department: Department) -> str | None:
    """Return which of the seeded departments this is; None for one that the company added."""
    plain = department.name.casefold()
    return next((name for name in WORDS if name.casefold() == plain), None)


def _informative_words(text: str, *, min_characters: int) -> list[str]:
    words = (singular(word) for word in TicketText("", text).words if word not in _UNINFORMATIVE | FOREIGN_STOP_WORDS)
    return list(dict.fromkeys(word for word in words if len(word) >= min_characters and not word.isdecimal()))
