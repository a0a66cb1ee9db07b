"""Each adversarial file is refused, or read as plain data, and nothing else happens."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from rag_service.adapters.parsing.limited import LimitedParser
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import Parsed, Unreadable

from ...adversarial import ADVERSARIAL_FILES, REFUSED, SEEN, UNSEEN, AdversarialFile, Target

CANARY = "CANARYINTHEMINE"
LIMITS = Limits(seconds=6, cells=200_000)
SECONDS = 180
GROWTH = 100 << 20


class Listener:
    """A server that no parser may connect to."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.callers: list[str] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                caller, address = self._socket.accept()
            except OSError:
                return
            self.callers.append(str(address))
            caller.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    server = Listener()
    yield server
    server.close()


@pytest.fixture(scope="module")
def target(listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> Target:
    file = tmp_path_factory.mktemp("secrets") / "canary"
    file.write_text(CANARY)
    return Target(str(file), listener.url)


@pytest.mark.parametrize("case", ADVERSARIAL_FILES, ids=lambda case: case.name)
def test_an_adversarial_file_is_refused_or_read_as_plain_data(
    case: AdversarialFile, target: Target, listener: Listener
) -> None:
    data = case.make(target)
    parser = LimitedParser(LIMITS)
    process = psutil.Process()
    before, began = process.memory_info().rss, time.monotonic()
    found: Parsed | None = None
    refused = message = ""
    try:
        found = parser.parse(data, case.kind, f"../{case.name}.{case.kind}")
    except Unreadable as reason:
        refused, message = reason.code, reason.reason
    assert time.monotonic() - began < SECONDS
    assert process.memory_info().rss - before < GROWTH
    assert process.children() == []
    assert listener.callers == []
    if found is None:
        assert refused in case.refused
        assert message.endswith(".")
        assert CANARY not in message
        return
    assert case.read
    text = "\n".join([found.title, *("\n".join([*each.heading, each.text]) for each in found.sections)])
    assert SEEN in text
    assert UNSEEN not in text
    assert CANARY not in text
    assert not [letter for letter in text if "\ud800" <= letter <= "\udfff" or letter in "\0\u202e\u200b\ufeff"]
    if len(text) < 1_000_000:
        assert any(SEEN in each.text for each in found.sections)


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(ADVERSARIAL_FILES) >= 60
    assert len({case.name for case in ADVERSARIAL_FILES}) == len(ADVERSARIAL_FILES)
    assert all(case.refused <= REFUSED and (case.read or case.refused) for case in ADVERSARIAL_FILES)


def test_nothing_of_a_climbing_name_was_written() -> None:
    assert not Path("/tmp/climbed").exists()
    assert not Path("/tmp/rooted").exists()
