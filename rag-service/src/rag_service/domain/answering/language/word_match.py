"""Which words of a question a text holds, and how much each of them says among the texts that were found."""

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rag_service.domain.answering.language.synonyms import SYNONYMS
from rag_service.domain.answering.language.text_features import content, stem, stems, tokens
from rag_service.domain.terms import plainest

FAMILY_LETTERS = 5
"""Words that begin with so many letters alike are one family: `configure` and `configuration`."""
PREFIXES = (
    "unter", "uber", "ueber", "weiter", "wieder", "zuruck", "zurueck", "zusammen", "gegen", "haupt", "onder", "terug",
    "samen", "entre", "inter", "contr",
)  # fmt: skip
"""Beginnings that many words share which mean other things: `Untervermietung` and `untersagt`."""
PREFIXED_LETTERS = 2
"""Letters behind such a beginning that are alike in one family."""
MIN_PART_LETTERS = 5
"""A word of so many letters is found inside a longer one: `Urlaub` in `Resturlaub`."""
FAMILY, PART, SYNONYM = 0.9, 0.8, 0.7
"""How much a word counts that is held in another form, inside another word, or as a word of the same meaning."""

_MORE_COMMON = frozenset(
    tokens(
        """\
much many long often when there exist exists does can may per every work works working mean means say says gibt
darf dürfen lange hoch oft viel viele wieviel ab bis um beim ins dem dass man sich hat hast sollte wenn
dann mal kostet combien est-ce qu y a-t-il peut-on puis-je dois-je faut-il l d s c j n m hay puedo puede se cuántos
cuántas cuánta cuánto del al il lo la gli i di un uno una che chi cosa come dove quando quanto quanti quale
quali per con non si del della dei è sono posso può devo mi nel nella sul da de het een en van is niet dat op te
au aux peux peut peuvent encore toujours déjà j sa son ses leur leurs nos vos votre notre todavía aún ya nuestro
nuestra sus noch immer schon derzeit gerade uns unser unsere
quel quelle quels quelles lequel laquelle chez avec avez ont été être fait si tout tous toute toutes aucun
aucune votre cette ces ils elles on y en me te se lui leur donc alors bonjour merci quelqu qu
cuál cuáles cuándo pueden tengo tiene tenemos me te lo le nos este esta esto si ya muy hola gracias quiénes
bekomme bekommt bekommen kriege kriegt denn doch eigentlich hier da wäre würde hätte vom zur zum ob weil diese dieser
dieses diesen jede jeder jedes alle alles etwas wen wem ihr euch euer eure unserer unserem guten hallo danke
sì anche questo questa quali ho hai abbiamo avete suo ciao grazie habe je jij u jullie ons onze deze dit die als
dan ook geen heeft hebben wordt worden kunnen moeten wil
meinen meinem meiner meines deine deinen deinem deiner seine seinen seinem seiner ihren ihrem ihrer unseren
in met voor zijn ik hoe wat kan ook aan er bij naar wordt mijn waar wanneer wie welke hoeveel mag moet heb heeft"""
    )
)
"""Question words and little words that say nothing about a subject; text_features has those of four languages."""
_LITTLE = frozenset({*_MORE_COMMON, *map(stem, _MORE_COMMON)})


def is_little(word: str) -> bool:
    """Return whether a word, in lower case, is a question word or a little word as it stands."""
    return word in _MORE_COMMON


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """Return a word as all its spellings are at their shortest, so that `Tür`, `Tuer` and `Tur` are one."""
    return plainest("".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each)))


def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, words in enumerate(SYNONYMS.replace("\n  ", " ").splitlines()):
        for word in words.split():
            found.setdefault(fold(stem(word)), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


_GROUPS = _groups()


class Words:
    """The words of a text, prepared to look others up."""

    __slots__ = ("_families", "_groups", "all", "raw")

    def __init__(self, text: str) -> None:
        self.raw = frozenset(plainest(stem(word)) for word in tokens(text))
        self.all = frozenset(map(fold, stems(text)))
        self._families = frozenset(_family(word) for word in self.all if len(word) >= FAMILY_LETTERS)
        self._groups = frozenset(group for word in self.all for group in _GROUPS.get(word, ()))

    def holds(self, word: str) -> float:
        """Return how far the text holds a word of `asked_words`, 0 to 1."""
        if word in self.all:
            return 1.0
        if not word.isalpha():
            return 0.0
        if len(word) >= FAMILY_LETTERS and _family(word) in self._families:
            return FAMILY
        if len(word) >= MIN_PART_LETTERS and any(
            word in each or (len(each) >= MIN_PART_LETTERS and each in word) for each in self.all
        ):
            return PART
        if not self._groups.isdisjoint(_GROUPS.get(word, ())):
            return SYNONYM
        return 0.0


def _family(word: str) -> str:
    """Return the letters with which all words of a word's family begin."""
    before = next((each for each in PREFIXES if word.startswith(each)), "")
    return word[: max(FAMILY_LETTERS, len(before) + PREFIXED_LETTERS if before else 0)]


@lru_cache(maxsize=256)
def asked_words(question: str) -> tuple[str, ...]:
    """Return the words of a question that say what it is about."""
    words = [fold(word) for word in content(question) if word not in _LITTLE]
    return tuple(dict.fromkeys(word for word in words if len(word) > 1 or word.isdigit()))


def weights(asked: Sequence[str], texts: Iterable[Words]) -> dict[str, float]:
    """Return how much each word of a question says: the rarer among the texts, the more."""
    number, held = 0, Counter[str]()
    for each in texts:
        number += 1
        held.update(word for word in asked if each.holds(word))
    return {word: math.log(1 + (number - held[word] + 0.5) / (held[word] + 0.5)) + 0.2 for word in asked}
