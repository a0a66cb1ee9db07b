"""All probes of one half."""

from collections.abc import Callable, Iterator

from benchmarks.probes.draw import Draw
from benchmarks.probes.faqs import faqs
from benchmarks.probes.foreign import foreign
from benchmarks.probes.layouts import layouts
from benchmarks.probes.lists import lists
from benchmarks.probes.model import Probe
from benchmarks.probes.more_lists import more_lists
from benchmarks.probes.office import office
from benchmarks.probes.pages import pages
from benchmarks.probes.policies import contradictions, policies
from benchmarks.probes.situations import situations

GENERATORS: dict[str, Callable[[Draw], Iterator[Probe]]] = {
    "lists": lists,
    "faqs": faqs,
    "policies": policies,
    "contradictions": contradictions,
    "layouts": layouts,
    "foreign": foreign,
    "pages": pages,
    "situations": situations,
    "more_lists": more_lists,
    "office": office,
}


def probes(half: str, seed: int = 0) -> list[Probe]:
    """Return the probes of a half (`at_hand`, `held_out`)."""
    draw = Draw(half, seed)
    return [probe for generate in GENERATORS.values() for probe in generate(draw)]
