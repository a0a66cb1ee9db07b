"""Only the published weights are exported."""

import shutil
from pathlib import Path

import pytest
from model_kit.export import WEIGHTS, check, packaged_weights


def test_the_packaged_weights_are_the_published_ones() -> None:
    check(packaged_weights())


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_that_somebody_changed_are_refused(tmp_path: Path, name: str) -> None:
    for each in WEIGHTS:
        shutil.copyfile(packaged_weights() / each, tmp_path / each)
    with (tmp_path / name).open("ab") as file:
        file.write(b"x")
    with pytest.raises(ValueError, match=name):
        check(tmp_path)
