"""The groups of people for whom a price list has rows of their own, such as children and pensioners."""

from rag_service.domain.answering.text_features import stem, tokens
from rag_service.domain.answering.word_match import fold

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
_GROUP_OF = {fold(stem(word)): number for number, words in enumerate(_GROUPS) for word in tokens(words)}


def groups_in(text: str) -> frozenset[int]:
    """Return the groups of people that a text names, by their numbers."""
    return frozenset(_GROUP_OF[word] for word in map(fold, map(stem, tokens(text))) if word in _GROUP_OF)


def is_group(value: str) -> int | None:
    """Return the number of the group of people that a cell's value begins with; None if it is no group.

    `Familie (2 Erw. + max. 3 Kinder)` is a family, `Kraulkurs Erwachsene` is a course.
    """
    words = tokens(value)
    return _GROUP_OF.get(fold(stem(words[0]))) if words else None
