"""Blocks that `make docs` writes into files which people edit otherwise."""

BEGIN, END = "begin, written by `make docs` from contracts/", "end"


class NoBlock(ValueError):
    """A file lacks the two lines that mark a block."""


def with_block(text: str, name: str, lines: list[str]) -> str:
    """Return the text with new lines between those that hold `<name>: begin, written …` and `<name>: end`."""
    old = text.splitlines()
    begins = [number for number, line in enumerate(old) if f"{name}: {BEGIN}" in line]
    ends = [number for number, line in enumerate(old) if f"{name}: {END}" in line and number not in begins]
    if len(begins) != 1 or len(ends) != 1 or begins > ends:
        raise NoBlock(f"the lines '{name}: {BEGIN}' and '{name}: {END}' must be there once")
    return "\n".join([*old[: begins[0] + 1], *lines, *old[ends[0] :]]) + "\n"
