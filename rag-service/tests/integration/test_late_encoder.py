"""Files that come before the encoder is ready: small ones are found by their words at once, and get vectors later."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from operations_kit.service import ServiceInstance
from rag_service.dependencies import Dependencies
from rag_service.domain.ingestion_lane import MAX_OTHER_SMALL_BYTES
from rag_service.ports import VectorsDown
from rag_service.service import SERVICE
from rag_service.settings import Settings

from ..conftest import Api, Rows, World, eventually

VPN = "# VPN\n\nOpen the client and choose **Forget this connection**, then sign in again.\n"
HOUSE = "\n\n".join(f"Rule {number}: {'be kind to guests. ' * 40}" for number in range(400))
WITHOUT = "select distinct name from chunks join documents on documents.id = document_id where encoder is null"

Maintain = Callable[[], object]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of models that holds none yet."""
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


@pytest.fixture
def world(make_world: Callable[..., World], models: Path) -> World:
    """The system around a worker whose encoder isn't ready."""
    return make_world(MODELS_DIR=str(models))


@pytest.fixture
def late(read_settings: Callable[..., Settings], models: Path) -> Iterator[ServiceInstance[Settings, Dependencies]]:
    """Another instance of the service, which has the same models and vectors."""
    process = SERVICE.instance(read_settings(MODELS_DIR=str(models)))
    yield process
    process.close()


@pytest.fixture
def make_maintain(late: ServiceInstance[Settings, Dependencies]) -> Callable[[], Maintain]:
    """Give a function that makes the periodic job."""

    def make() -> Maintain:
        assert SERVICE.maintenance is not None
        return SERVICE.maintenance(late.settings, late.dependencies)

    return make


def test_a_small_file_is_found_by_its_words_before_the_encoder_is_ready_and_gets_its_vectors_then(
    world: World,
    make_api: Callable[..., Api],
    models: Path,
    encoder_folder: Path,
    make_maintain: Callable[[], Maintain],
    rows: Rows,
) -> None:
    api, maintain = make_api(), make_maintain()
    world.upload("vpn.md", VPN)
    world.announced("document.ingested")
    (by_words,) = api.found("vpn connection")
    maintain()
    assert rows(WITHOUT) == [("vpn.md",)]
    (models / "encoder").symlink_to(encoder_folder)

    def has_vectors() -> bool:
        maintain()
        return rows(WITHOUT) == []

    eventually(has_vectors)
    (by_both,) = api.found("vpn connection")
    assert (by_both["text"], by_both["chunk_id"]) == (by_words["text"], by_words["chunk_id"])
    assert by_both["score"] > by_words["score"]


def test_a_large_file_waits_for_the_encoder(world: World, models: Path, encoder_folder: Path, rows: Rows) -> None:
    assert len(HOUSE) > MAX_OTHER_SMALL_BYTES
    world.upload("house.md", HOUSE)
    world.upload("vpn.md", VPN)
    world.announced("document.ingested")
    waiting = "select name from documents where state = 'waiting' and strpos(reason, 'model') > 0"
    eventually(lambda: rows(waiting) == [("house.md",)])
    (models / "encoder").symlink_to(encoder_folder)
    world.announced("document.ingested", 2)
    assert rows(WITHOUT) == [("vpn.md",)]


def test_vectors_that_cannot_be_stored_are_added_later(
    world: World,
    models: Path,
    encoder_folder: Path,
    late: ServiceInstance[Settings, Dependencies],
    make_maintain: Callable[[], Maintain],
    rows: Rows,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world.upload("vpn.md", VPN)
    world.announced("document.ingested")
    (models / "encoder").symlink_to(encoder_folder)

    refused: list[object] = []

    def down(*given: object) -> None:
        refused.append(given)
        raise VectorsDown("no space is left")

    with monkeypatch.context() as broken:
        broken.setattr(late.dependencies.vectors, "upsert", down)
        maintain = make_maintain()
        eventually(lambda: bool(maintain() or refused))
        assert rows(WITHOUT) == [("vpn.md",)]
    make_maintain()()
    assert rows(WITHOUT) == []
