"""The benchmarks are run rarely; that they still fit the code is seen at once."""

import importlib
from pathlib import Path

import pytest

MODULES = sorted(file.stem for file in (Path(__file__).parents[2] / "benchmarks").glob("[a-z]*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_a_benchmark_finds_what_it_measures(module: str) -> None:
    assert importlib.import_module(f"benchmarks.{module}").__doc__
