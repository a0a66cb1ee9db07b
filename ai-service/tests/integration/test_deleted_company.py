"""A deleted company's tuned encoders go from this machine; those of others stay."""

import hashlib
from pathlib import Path

import psycopg2
import pytest
from ai_service.adapters.local.tuned_encoders import FOLDER, remove_folders
from service_kit.testing.postgres import ServiceDatabase

pytestmark = pytest.mark.postgres


def store_encoder(made: ServiceDatabase, root: Path, company: int, content: bytes) -> Path:
    """Store an encoder as a training does, and its folder as a process fills it; return the folder."""
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into tuned_encoders (company_id, version, encoder) values (%s, %s, %s)",
            (company, content.hex(), psycopg2.Binary(content)),
        )
    folder = root / FOLDER / hashlib.sha256(content).hexdigest()[:16]
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(content)
    return folder


def test_the_folders_of_a_companys_encoders_go_and_no_others(made: ServiceDatabase, tmp_path: Path) -> None:
    made.clean()
    gone = [store_encoder(made, tmp_path, 7, content) for content in (b"one", b"two")]
    stays = store_encoder(made, tmp_path, 77, b"three")
    for _ in range(2):
        remove_folders(made.database, 7, tmp_path / "encoder")
    assert [folder.exists() for folder in gone] == [False, False]
    assert (stays / "model.onnx").read_bytes() == b"three"
