"""One suite for every file storage."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer
from service_kit.settings import BadSettings
from ticket_service import service
from ticket_service.adapters.storage import storage_of
from ticket_service.adapters.storage.folder import Folder, NoStorage
from ticket_service.adapters.storage.s3 import S3
from ticket_service.ports import BlobNotFound, FileStorage, StorageDown
from ticket_service.settings import S3Settings

CONTENT = secrets.token_bytes(300_000)
BUCKET = "files"


def s3_settings(endpoint: str, **changes: Any) -> S3Settings:
    given: dict[str, Any] = {
        "endpoint": endpoint,
        "bucket": BUCKET,
        "region": "us-east-1",
        "access_key": "key",
        "secret_key": "secret",
        "path_style": True,
    }
    return S3Settings(**given | changes)


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """An object store that speaks S3's protocol on this machine."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
    ).create_bucket(Bucket=BUCKET)
    yield url
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> FileStorage:
    if request.param == "folder":
        return Folder(tmp_path / "not" / "there" / "yet")
    return S3(s3_settings(request.getfixturevalue("s3_server")))


def put(storage: FileStorage, content: bytes = CONTENT, company: int = 1) -> Any:
    key = uuid4()
    storage.put(company, key, BytesIO(content), len(content))
    return key


def read(storage: FileStorage, key: Any, company: int = 1) -> bytes:
    return b"".join(storage.open(company, key))


def test_stored_bytes_are_read_from_the_beginning(storage: FileStorage) -> None:
    key, moved = uuid4(), BytesIO(CONTENT)
    moved.seek(1000)
    storage.put(1, key, moved, len(CONTENT))
    assert read(storage, key) == CONTENT
    assert all(len(piece) <= 64 * 1024 for piece in storage.open(1, key))


def test_companies_with_the_same_key_stay_apart(storage: FileStorage) -> None:
    key = put(storage)
    with pytest.raises(BlobNotFound):
        storage.open(2, key)
    storage.remove(2, key)
    assert read(storage, key) == CONTENT


def test_removed_bytes_are_gone_and_may_be_removed_again(storage: FileStorage) -> None:
    key, other = put(storage), put(storage)
    storage.remove(1, key)
    storage.remove(1, key)
    with pytest.raises(BlobNotFound):
        storage.open(1, key)
    assert read(storage, other) == CONTENT


def test_closing_a_stream_twice_is_harmless(storage: FileStorage) -> None:
    opened = storage.open(1, put(storage))
    assert len(next(iter(opened))) > 0
    opened.close()
    opened.close()


def test_twenty_files_at_once_keep_apart(storage: FileStorage) -> None:
    contents = [secrets.token_bytes(50_000) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        keys = list(pool.map(lambda content: put(storage, content), contents))
        assert list(pool.map(lambda key: read(storage, key), keys)) == contents


def test_a_configured_storage_passes_the_check(storage: FileStorage) -> None:
    storage.check_configured()


def never_there(tmp_path: Path) -> list[Callable[[], FileStorage]]:
    taken = tmp_path / "a-file"
    taken.write_bytes(b"")
    return [
        lambda: Folder(taken / "below"),
        lambda: S3(s3_settings("http://127.0.0.1:9")),
        lambda: storage_of(service.SERVICE.read_settings({"SMARTTICKET_ENV": "development"}).files),
    ]


@pytest.mark.parametrize("which", range(3))
def test_an_unavailable_storage_raises_storage_down(which: int, tmp_path: Path) -> None:
    storage = never_there(tmp_path)[which]()
    with pytest.raises(StorageDown):
        put(storage)
    with pytest.raises(StorageDown):
        storage.open(1, uuid4())
    with pytest.raises(StorageDown):
        storage.remove(1, uuid4())


def test_a_missing_bucket_raises_storage_down(s3_server: str) -> None:
    storage = S3(s3_settings(s3_server, bucket="another"))
    with pytest.raises(StorageDown, match="NoSuchBucket"):
        put(storage)
    with pytest.raises(StorageDown):
        storage.open(1, uuid4())


def test_a_temporary_file_of_a_crash_is_removed_with_its_key(tmp_path: Path) -> None:
    storage, key = Folder(tmp_path), uuid4()
    place = tmp_path / "1" / key.hex[:2]
    place.mkdir(parents=True)
    (place / f"{key.hex}.part").write_bytes(b"half")
    with pytest.raises(BlobNotFound):
        storage.open(1, key)
    storage.remove(1, key)
    assert list(place.iterdir()) == []


def test_the_settings_choose_the_storage_and_refuse_half_of_one(s3_server: str, tmp_path: Path) -> None:
    development = {"SMARTTICKET_ENV": "development"}
    chosen = {
        "FILES_STORAGE": "s3",
        "FILES_S3_ENDPOINT": s3_server,
        "FILES_S3_BUCKET": BUCKET,
        "FILES_S3_ACCESS_KEY": "key",
        "FILES_S3_SECRET_KEY": "secret",
    }
    storage = storage_of(service.SERVICE.read_settings(development | chosen).files)
    assert read(storage, put(storage)) == CONTENT
    folder = storage_of(service.SERVICE.read_settings(development | {"FILES_DIR": str(tmp_path)}).files)
    assert read(folder, put(folder)) == CONTENT
    for name in ("FILES_S3_BUCKET", "FILES_S3_ACCESS_KEY", "FILES_S3_SECRET_KEY"):
        with pytest.raises(BadSettings, match=name):
            service.SERVICE.read_settings(development | chosen | {name: ""})
    with pytest.raises(BadSettings, match="FILES_S3_ENDPOINT"):
        service.SERVICE.read_settings(development | chosen | {"FILES_S3_ENDPOINT": "files.example"})
    with pytest.raises(BadSettings, match="FILES_S3_SECRET_KEY is a default"):
        service.SERVICE.read_settings(chosen | {"FILES_S3_SECRET_KEY": "minioadmin"})


def test_a_companys_bytes_go_all_together_and_no_other_companys(storage: FileStorage) -> None:
    gone = [put(storage, bytes([number]), company=12) for number in range(7)]
    stays = [put(storage, company=company) for company in (1, 2, 121)]
    storage.remove_company(12)
    for key in gone:
        with pytest.raises(BlobNotFound):
            storage.open(12, key)
    assert [read(storage, key, company) for key, company in zip(stays, (1, 2, 121), strict=True)] == [CONTENT] * 3
    storage.remove_company(12)
    storage.remove_company(999)


def test_a_company_of_more_objects_than_a_page_of_names_goes_too(
    s3_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "5")
    storage = S3(s3_settings(s3_server))
    client = boto3.client(
        "s3", endpoint_url=s3_server, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    for number in range(13):
        client.put_object(Bucket=BUCKET, Key=f"13/{number}", Body=b"x")
    assert client.list_objects_v2(Bucket=BUCKET, Prefix="13/")["IsTruncated"]
    storage.remove_company(13)
    assert "Contents" not in client.list_objects_v2(Bucket=BUCKET, Prefix="13/")


def test_where_no_storage_is_configured_a_company_has_nothing_to_remove() -> None:
    NoStorage().remove_company(1)
