"""Which words speak for which of the seeded departments. Singular, lower case, and no word twice."""

from ai_service.domain.departments import Department, Departments
from ai_service.domain.generated.common_words import COMMON_WORDS
from ai_service.domain.languages import EVERYDAY
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

OWN_WORDS = 20
"""At most so many words of its description speak for a department that a company added."""

_SAY_NOTHING = vocabulary("""
    about after all also and any are because been before being between both but can company could department desk
    does done during each etc every for from general group had handle handles has have help helps into issue
    issues its like matter matters may more most must need needs not office other our out over own people person
    problem problems question questions related request requests service services should some staff such support
    team teams than that the their them then there these they thing things this those through ticket tickets under
    upon use used user users very was were what when where which while who whom whose will with within work works
    would you your
""")


_EVERYDAY = vocabulary(COMMON_WORDS)


def words_of(departments: Departments) -> dict[str, str]:
    """Return for each word the department of the list that it speaks for, no word for two."""
    return {word: owner for word, (owner, _) in owners(departments).items()}


def owners(departments: Departments) -> dict[str, tuple[str, bool]]:
    """Return for each word its department, and whether one such word may be enough.

    The seeded departments have lists of our own. A department that the company added is known by its name, which
    outranks our lists because somebody chose it for this company, and by those words of its description that speak for
    no other department. An everyday word of a description is not enough alone.
    """
    owner: dict[str, tuple[str, bool]] = {}
    added = [each for each in departments if seeded(each) is None]
    for each in departments:
        for word in WORDS.get(seeded(each) or "", ()):
            owner[word] = (each.name, True)
    named: set[str] = set()
    for each in added:
        for word in _telling(each.name, shortest=2):
            if word not in named:
                named.add(word)
                owner[word] = (each.name, True)
    for each in added:
        for word in _telling(each.description, shortest=4)[:OWN_WORDS]:
            owner.setdefault(word, (each.name, word not in _EVERYDAY))
    return owner


def seeded(department: Department) -> str | None:
    """Return which of the seeded departments this is; None for one that the company added."""
    plain = department.name.casefold()
    return next((name for name in WORDS if name.casefold() == plain), None)


def _telling(text: str, *, shortest: int) -> list[str]:
    words = (singular(word) for word in TicketText("", text).words if word not in _SAY_NOTHING | EVERYDAY)
    return list(dict.fromkeys(word for word in words if len(word) >= shortest and not word.isdecimal()))
