"""The groups of people for whom a price list has rows of their own, such as children and pensioners."""

import re

from rag_service.domain.answering.language.text_features import stem, tokens
from rag_service.domain.answering.language.word_match import fold
from rag_service.domain.answering.tables.columns import cells

_GROUPS = (
    "child children kid kids kind kinder kindern enfant enfants niño niña niños niñas kinderen bambino bambini",
    "youth youths teen teens teenager teenagers juvenile juveniles jugendliche jugendlicher jugendlichen ado ados"
    " adolescent adolescents jeune jeunes joven jóvenes jeugd ragazzi",
    "adult adults erwachsene erwachsener erwachsenen erw adulte adultes adulto adulta adultos adultas volwassene"
    " volwassenen adulti",
    "senior seniors pensioner pensioners retired senioren seniorin rentner rentnerin rentnern retraité retraités"
    " retraitée jubilado jubilada jubilados jubilados gepensioneerde gepensioneerden anziani pensionati",
    "student students studierende studierenden studentin studenten étudiant étudiante étudiants estudiante estudiantes"
    " studente studenti",
    "pupil pupils schüler schülerin schülern élève élèves alumno alumnos scholier scholieren",
    "family families familie familien famille familles familia familias gezin gezinnen famiglia famiglie",
    "baby babies infant infants toddler toddlers babys säugling säuglinge bébé bébés bebé bebés",
)
_ONLY = re.compile(
    r"(?i)\W*([^\W\d_]+)\W*(?:$|[(\d]|\b(?:from|under|over|up to|ab|unter|über|bis|dès|de|desde|menos)\b)"
)
"""A word alone, or with an age or a bracket behind it."""
_GROUP_OF = {fold(stem(word)): number for number, words in enumerate(_GROUPS) for word in tokens(words)}


_AGES = re.compile(
    r"(?i)\W*(?:(?P<under>under|below|up to|unter|bis|moins de|jusqu['’]à|menos de|hasta|onder|tot|<|u)[ -]?)?"
    r"(?P<over>over|from|ab|über|plus de|dès|más de|desde|vanaf|boven|>)? ?"
    r"(?:(?P<low>\d{1,2}) ?[–-] ?)?(?P<age>\d{1,2})(?P<more> ?\+|['’]?s| (?:and|or|und|et|ou|y|o|en|of)"
    r" (?:over|older|above|älter|plus|más|mayores|ouder))?(?: (?:years?|yrs|jahren?|ans|años|jaar))?\W*"
)
"""Ages alone: `65+`, `Under 16`, `18–64`, `ab 60`."""
MIN_SENIOR_AGE, MAX_CHILD_AGE = 55, 18
MIN_ADULT_AGE, MIN_LAST_ADULT_AGE = 16, 50
"""Ages from and to which a range of them is that of all adults."""

_WITHIN = {7: (0,), 5: (0, 1)}
"""Groups in which another one is: babies are children, pupils are children or youths."""


def groups_in(text: str) -> frozenset[int]:
    """Return the groups of people that a text names, by their numbers."""
    return frozenset(_GROUP_OF[word] for word in map(fold, map(stem, tokens(text))) if word in _GROUP_OF)


def group_of_word(word: str) -> int | None:
    """Return the number of the group of people that a word of `asked_words` names; None if it names none."""
    return _GROUP_OF.get(word)


def group_of(value: str) -> int | None:
    """Return the number of the group of people that a cell's value names; None if it names none or more than that.

    `Familie (2 Erw. + max. 3 Kinder)` is a family, `Senior manager` is no senior.
    """
    if ages := _AGES.fullmatch(value):
        return _group_of_ages(ages)
    found = _ONLY.match(value)
    return _GROUP_OF.get(fold(stem(found[1].casefold()))) if found else None


def _group_of_ages(ages: re.Match[str]) -> int | None:
    """Return the group of pensioners for `65+`, of children for `under 16`, of adults for `18–64`; else None."""
    age = int(ages["age"])
    if ages["low"]:
        adults = int(ages["low"]) >= MIN_ADULT_AGE and age >= MIN_LAST_ADULT_AGE
        return _GROUP_OF["adult"] if adults and not ages["under"] else None
    if ages["under"]:
        return _GROUP_OF["child"] if age <= MAX_CHILD_AGE else None
    return _GROUP_OF["senior"] if (ages["over"] or ages["more"]) and age >= MIN_SENIOR_AGE else None


def is_for_others(question: str, row: str) -> bool:
    """Return whether a row is for another group of people than the question names, such as adults for children."""
    asked = groups_in(question)
    own = {group for _, value in cells(row) if (group := group_of(value)) is not None} if asked else set()
    return bool(own) and own.isdisjoint(asked.union(*(_WITHIN.get(group, ()) for group in asked)))
