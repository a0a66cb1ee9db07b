"""Names that look alike: `ada` in Latin and in Cyrillic letters, `l` and `1`."""

import unicodedata

from confusable_homoglyphs.confusables import confusables_data


def look_of(name: str) -> str:
    """Return a form that names share if they look alike: close to the skeleton of UTS 39, without regard to case.

    It is for comparison only, not to be shown.
    """
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", name))
    return unicodedata.normalize("NFD", "".join(map(_prototype, decomposed))).casefold()


def looks_of(name: str) -> frozenset[str]:
    """Return forms of which names share one if they look alike in any case, as `ACME` and `acme`: for comparison only.

    `m` looks like `rn`, and `I` like `l`, but `M` and `i` don't: so the look of both cases counts.
    """
    return frozenset((look_of(look_of(name)), look_of(name.casefold())))


def _prototype(character: str) -> str:
    """Return the character or text that Unicode's list gives for one that looks like it.

    The library lists each pair under both of its sides. One that has a single partner looks like that partner; one with
    several is what the others look like; of a pair that has nobody else the lesser one stands for both.
    """
    partners: list[str] = [entry["c"] for entry in confusables_data.get(character, ())]
    if len(partners) != 1:
        return character
    (partner,) = partners
    if len(partner) == 1 and len(confusables_data.get(partner, ())) == 1:
        return min(character, partner)
    return partner
