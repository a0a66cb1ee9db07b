"""What is generated is up to date."""

from collections.abc import Callable

import pytest

from scripts.blocks import NoBlock, with_block
from scripts.documents import STEPS, Documents, outdated

from .tree import ROOT

OLD = "a\n# list: begin, written by `make docs` from contracts/x.yaml\nold\n# list: end\nb\n"


@pytest.mark.parametrize("step", STEPS)
def test_make_docs_would_change_nothing(step: Callable[[], Documents]) -> None:
    assert [f"{path.relative_to(ROOT)} is out of date; run `make docs`" for path in outdated(step())] == []


def test_a_block_is_replaced_and_the_text_around_it_stays() -> None:
    assert with_block(OLD, "list", ["new", "newer"]) == OLD.replace("old", "new\nnewer")


@pytest.mark.parametrize("text", ["", OLD.replace("end", ""), OLD + OLD])
def test_a_file_without_the_block_is_an_error(text: str) -> None:
    with pytest.raises(NoBlock):
        with_block(text, "list", [])
