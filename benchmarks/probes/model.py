"""A file, a question with what its answer must hold, and the two together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A file to read."""

    name: str
    data: bytes

    @property
    def extension(self) -> str:
        """Return its name's ending, lower-case."""
        return self.name.rsplit(".", 1)[-1].lower()


@dataclass(frozen=True)
class Question:
    """A question whose answer is known."""

    text: str
    expected: str
    """`abstain`: nothing answers it; else parts joined by ` + `, which all must be there, each of alternatives joined
    by ` or `, which are regular expressions."""
    kind: str
    file: str = ""
    """The file that answers it."""
    forbidden: tuple[str, ...] = ()
    """Words that no answer may hold: other rows' values, figures that are out of date."""
    identifier: str = ""
    """What names the row that is asked for; the row of a passage that holds it must hold the answer."""
    turns: tuple[str, ...] = ()
    """Earlier messages of the user."""
    in_order: bool = False
    """Whether the parts must stand in the answer in their order."""
    only_chat: bool = False
    """Whether it makes no sense as a ticket."""

    @property
    def unanswerable(self) -> bool:
        """Return whether the only right answer is none."""
        return self.expected == "abstain"


@dataclass(frozen=True)
class Probe:
    """A file, or several that belong together, with questions about them."""

    files: tuple[File, ...]
    questions: tuple[Question, ...]
