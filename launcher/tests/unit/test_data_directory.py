"""The folder of an embedded system: secrets, state and the place of the database."""

import base64
import stat
from pathlib import Path

import pytest
from launcher.data_directory import SHARED_ROOT, DataDirectory


def test_a_secret_is_created_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    home = DataDirectory(tmp_path)
    secret = home.secret("signing_key")
    assert len(base64.b64decode(secret)) == 32
    assert DataDirectory(tmp_path).secret("signing_key") == secret
    assert home.secret("another") != secret
    assert stat.S_IMODE((tmp_path / "secrets" / "signing_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_reading_an_existing_secret_creates_none(tmp_path: Path) -> None:
    home = DataDirectory(tmp_path)
    assert home.existing_secret("key") == ""
    assert not (tmp_path / "secrets").exists()
    assert home.secret("key") == home.existing_secret("key")


def test_the_state_is_replaced_and_deleted(tmp_path: Path) -> None:
    home = DataDirectory(tmp_path)
    assert home.read_state() == {}
    home.write_state({"pid": 1})
    home.write_state({"pid": 2, "ready": True})
    assert home.read_state() == {"pid": 2, "ready": True}
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
    home.delete_state()
    home.delete_state()
    assert home.read_state() == {}


@pytest.mark.parametrize("content", ["", "{", "[1]", "3"])
def test_a_damaged_state_counts_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "state.json").write_text(content)
    assert DataDirectory(tmp_path).read_state() == {}


def test_root_keeps_the_database_where_nobody_can_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    first = DataDirectory(closed / "a").database_root()
    assert first.parent == SHARED_ROOT
    assert first != DataDirectory(closed / "b").database_root()


def test_an_ordinary_user_keeps_the_database_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert DataDirectory(tmp_path).database_root() == tmp_path / "postgresql"
