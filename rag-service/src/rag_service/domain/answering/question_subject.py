"""The words of a question that name what it is about, and how rare they are among the texts that were found."""

from collections.abc import Sequence

from rag_service.domain.answering.language.text_features import stem, tokens
from rag_service.domain.answering.language.word_match import Words, asked_words, fold

_SAYS_LITTLE = frozenset(
    fold(stem(word))
    for word in tokens(
        """\
price prices cost costs fee charge rate pay paid amount much hour hours day days week weeks weekend month months
year years daily weekly monthly yearly hourly today tomorrow yesterday now just still again already last next think
believe guess know say tell ask anyone someone people person time times happen happens happened go goes going come
comes use uses used take takes make makes give gives find look work works working new old good morning hello hi
thanks thank yet exactly currently really maybe possible able wonder whats wheres whos litre litres liter meter
metres within without during während pendant durante vat
net gross incl excl whole entire ganze ganzen ganzer entier entière entero entera
welchen welchem preis kosten kostet teuer gebühr stunde stunden tag tage tagen woche wochen monat monate
jahr jahre heute morgen gestern jetzt gerade zeit guten hallo danke eigentlich glaube denke machen macht geht gehen
lange habe haben ohne mwst prix coût coûte heure jour semaine mois aujourd'hui maintenant precio cuesta hora día semana
mes año hoy ahora prijs kosten kost uur dag week maand jaar vandaag nu zelf laat dagen weken maanden jaren uren
heures jours semaines années ans horas días semanas meses años ora ore giorno giorni settimana settimane mesi anno anni
oggi adesso tempo orario costa costano entro zurück cher
tarif tarifs tarife coste prezzo prezzi
join joins attend attends attending enter visit visits bring run runs arrive arrives depart departs
welcher welche welchem welchen welches wurde wurden worden benutzen nutzen verwenden utiliser usar utilizar usare
gebruiken
steht stehen kommt kommen findet stattfindet statt fährt fahren läuft mitmachen teilnehmen besuchen mitbringen liegt
liegen passe trouve circule lieu visiter participer queda sale llega visitar"""
    )
)
"""Words with which a question asks, and which name no thing."""
DONE_WITH_IT = frozenset(
    fold(stem(word))
    for word in tokens(
        """\
included include includes made done borrow order orders ordered ordering need needs needed
inbegriffen enthalten inklusive mieten bestelle bestellen brauche brauchen leihen ausleihen
commander compris comprise inclus louer incluido incluida alquilar noleggiare huren"""
    )
)
"""Words for what is done with a thing of which a table tells something, and which its columns seldom have."""

STATES = frozenset(
    fold(stem(word))
    for word in tokens(
        """\
open opens opened close closes closed closing shut offen auf öffnet geöffnet zu schließt geschlossen ouvert ouverte
ouvre fermé fermée ferme abierto abierta abre cerrado cerrada cierra aperto chiuso gesloten"""
    )
)
"""Words with which a question for hours asks, and which a cell may have instead of hours."""


def subject_words(question: str) -> tuple[str, ...]:
    """Return the words of a question that name what it is about, without those that say how or when."""
    return tuple(word for word in asked_words(question) if word not in _SAYS_LITTLE)


def unknown(words: Sequence[str], texts: Sequence[Words]) -> frozenset[str]:
    """Return the words that no text has, neither in another form nor as one of the same meaning."""
    return frozenset(word for word in words if not any(each.holds(word) for each in texts))
