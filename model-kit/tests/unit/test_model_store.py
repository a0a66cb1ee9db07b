"""A model's folder is whole, or it is not there."""

import json
from pathlib import Path

import pytest
from model_kit.model_store import MANIFEST, MODEL, TOKENIZER, NotReady, install_atomically, read_manifest


def make(target: Path) -> str:
    (target / MODEL).write_bytes(b"a model")
    (target / TOKENIZER).write_bytes(b"a tokenizer")
    return "a test"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "models" / "encoder"
    install_atomically(target, "tiny", make)
    return target


def test_an_installed_model_can_be_read(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert manifest.source == "a test"
    assert manifest.name == f"tiny-{manifest.files[MODEL][:12]}"


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="no model in"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("name", [MODEL, TOKENIZER])
def test_a_changed_file_is_not_trusted(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"something else")
    with pytest.raises(NotReady, match=name):
        read_manifest(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / TOKENIZER).unlink()
    with pytest.raises(NotReady, match=TOKENIZER):
        read_manifest(folder)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"model": 1}', json.dumps({"model": "m", "source": "s", "files": {}, "format": 9})],
)
def test_a_manifest_that_is_none_is_refused(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text)
    with pytest.raises(NotReady):
        read_manifest(folder)


def test_a_manifest_can_t_name_files_elsewhere(folder: Path, tmp_path: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"]["../../secret"] = "0" * 64
    (tmp_path / "secret").write_text("s")
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(NotReady, match="lacks"):
        read_manifest(folder)


def test_where_making_fails_the_old_one_stays(folder: Path) -> None:
    def fail(target: Path) -> str:
        make(target)
        raise OSError("disk full")

    before = read_manifest(folder)
    with pytest.raises(OSError, match="disk full"):
        install_atomically(folder, "other", fail)
    assert read_manifest(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
