"""The start of the whole system in one process."""

from pathlib import Path

import pytest
from launcher.data_directory import DataDirectory
from launcher.embedded import Embedded
from service_kit.settings import BadSettings

from launcher import embedded


def test_a_wrong_setting_ends_the_start_before_anything_is_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated: list[object] = []
    monkeypatch.setattr(embedded, "initialise", lambda *_, **__: migrated.append(1))
    environment = {"DATABASE_URL": "postgresql://postgres@127.0.0.1:5432/postgres", "DRY_RUN_TASKS": "many"}
    system = Embedded(DataDirectory(tmp_path), environment, lambda _: None)
    with pytest.raises(BadSettings, match="DRY_RUN_TASKS"):
        system._start()
    assert not migrated


def test_an_address_that_is_none_is_named_with_its_setting(tmp_path: Path) -> None:
    system = Embedded(DataDirectory(tmp_path), {"DATABASE_URL": "localhost"}, lambda _: None)
    with pytest.raises(ValueError, match="DATABASE_URL must be"):
        system._start()
