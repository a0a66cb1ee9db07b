"""The parsing process: its limits, its end, and the validation of its replies."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from rag_service.adapters.parsing import limited
from rag_service.adapters.parsing.limited import LimitedParser
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import LeftOut, Parsed, Unreadable

SLOW = b"<div " + b" ".join(b"a%d=1" % number for number in range(200_000)) + b">"
"""Takes minutes: each name is compared with all before it."""
HONEST = {"title": "T", "pages": None, "sections": [["text", ["H"], "p. 1", "prose"]], "left_out": []}
PATIENCE = 180.0

Replace = Callable[[str], None]


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Replace:
    """Give a function that puts another program in the place of the one that parses."""
    real = subprocess.Popen

    def replace(script: str) -> None:
        def start(_command: list[str], **how: Any) -> Any:
            return real([sys.executable, "-I", "-c", script], **how)

        monkeypatch.setattr(limited.subprocess, "Popen", start)

    return replace


def refused(parser: LimitedParser, data: bytes = b"x", kind: str = "text") -> str:
    with pytest.raises(Unreadable) as caught:
        parser.parse(data, kind, "a.txt")
    return caught.value.code


def test_a_file_without_a_title_is_called_by_its_name() -> None:
    found = LimitedParser().parse(b"Only words here.", "text", "folder/Price list.2026.txt")
    assert found == Parsed("Price list.2026", found.sections, None)
    assert [each.text for each in found.sections] == ["Only words here."]


@pytest.mark.parametrize("name", ["", "/", "..", "\x00", "\ud800.txt", "a" * 5_000, "\u202egpj.exe"])
def test_any_name_will_do(name: str) -> None:
    title = LimitedParser().parse(b"words", "text", name).title
    assert title
    assert len(title) <= 200
    assert title.encode()


def test_no_bytes_are_refused_without_a_process(child: Replace) -> None:
    child("raise SystemExit('started')")
    assert refused(LimitedParser(), b"") == "empty"


def test_a_file_that_takes_too_long_is_given_up_and_its_process_ended() -> None:
    assert refused(LimitedParser(Limits(seconds=1)), SLOW, "html") == "too_slow"
    assert psutil.Process().children() == []


def test_a_file_that_needs_too_much_memory_is_refused() -> None:
    rows = b"<table>" + b"<tr><td>a<td>b" * 500_000
    assert refused(LimitedParser(Limits(memory_mb=120)), rows, "html") in ("too_large", "broken")


def test_a_process_that_stands_still_is_ended_too(child: Replace) -> None:
    child("import time; time.sleep(600)")
    assert refused(LimitedParser(Limits(seconds=1))) == "too_slow"
    assert psutil.Process().children() == []


def test_what_the_process_started_ends_with_it(child: Replace, tmp_path: Any) -> None:
    output = tmp_path / "pid"
    child(
        "import os, time\nif os.fork() == 0:\n"
        f" open({str(output)!r}, 'w').write(str(os.getpid())); os.close(1); time.sleep(600)\n"
        f"while not os.path.exists({str(output)!r}) or not open({str(output)!r}).read(): time.sleep(0.01)\n"
    )
    assert refused(LimitedParser()) == "broken"
    eventually(lambda: not alive(int(output.read_text())))


def test_the_process_ends_with_the_service() -> None:
    script = (
        "import sys; from rag_service.adapters.parsing.limited import LimitedParser;"
        "LimitedParser().parse(sys.stdin.buffer.read(), 'html', 'a')"
    )
    service = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE)
    assert service.stdin is not None
    service.stdin.write(SLOW)
    service.stdin.close()
    children: list[psutil.Process] = []
    eventually(lambda: bool(children.extend(psutil.Process(service.pid).children()) or children))
    # The sandbox is active some hundredths of a second after the start; an earlier end has another cause.
    service.kill()
    service.wait()
    eventually(lambda: not alive(children[0].pid))


@pytest.mark.parametrize(
    "output",
    [
        "",
        "no JSON",
        "[" * 50_000,
        "null",
        "[]",
        "{}",
        json.dumps({"code": "rm -rf", "reason": "x"}),
        json.dumps({"code": "broken", "reason": 5}),
        json.dumps({"code": ["broken"], "reason": "x"}),
        json.dumps(HONEST | {"title": 5}),
        json.dumps(HONEST | {"pages": True}),
        json.dumps(HONEST | {"pages": -1}),
        json.dumps(HONEST | {"pages": 10**9}),
        json.dumps(HONEST | {"pages": "2"}),
        json.dumps(HONEST | {"sections": {}}),
        json.dumps(HONEST | {"sections": [["text", [], ""]]}),
        json.dumps(HONEST | {"sections": [["text", [], "", "song"]]}),
        json.dumps(HONEST | {"sections": [["text", [], "", "prose", ""]]}),
        json.dumps(HONEST | {"sections": [["text", [5], "", "prose"]]}),
        json.dumps(HONEST | {"sections": [["text", ["h"] * 50, "", "prose"]]}),
        json.dumps(HONEST | {"sections": [[5, [], "", "prose"]]}),
        json.dumps(HONEST | {"sections": []}),
        json.dumps(HONEST | {"sections": [["  ", [], "", "prose"]]}),
        json.dumps(HONEST | {"sections": [["a", [], "", "prose"]] * 11}),
        json.dumps(HONEST | {"sections": [["a" * 1_001, [], "", "prose"]]}),
        json.dumps({name: HONEST[name] for name in ("title", "pages", "sections")}),
        json.dumps(HONEST | {"left_out": [["pictures", 0, "Pictures were not read."]]}),
        json.dumps(HONEST | {"left_out": [["Pictures!", 1, "Pictures were not read."]]}),
        json.dumps(HONEST | {"left_out": [["pictures", 1, "Pictures were not read."]] * 51}),
    ],
)
def test_an_invalid_reply_is_refused(child: Replace, output: str) -> None:
    child(f"print({output!r}, end='')")
    assert refused(LimitedParser(Limits(sections=10, characters=1_000))) == "broken"


def test_an_honest_reply_is_taken(child: Replace) -> None:
    child(f"print({json.dumps(HONEST)!r}, end='')")
    found = LimitedParser(Limits(sections=10, characters=1_000)).parse(b"x", "text", "a.txt")
    assert (found.title, found.sections[0].text, found.left_out) == ("T", "text", ())


def test_an_answer_without_end_is_cut_off(child: Replace) -> None:
    child("while True: print('x' * 65536)")
    assert refused(LimitedParser(Limits(characters=1_000))) == "too_large"


def test_invisible_characters_are_removed_from_a_reply(child: Replace) -> None:
    sections = [["x\0y\u200bz", ["h\x1b"], "p\n1", "prose"]]
    left_out = [["pictures", 2, "Not\u202e read."]]
    output = {"title": "a\u202eb\ud800", "pages": 1, "sections": sections, "left_out": left_out}
    child(f"print({json.dumps(output)!r})")
    found = LimitedParser().parse(b"x", "pdf", "a")
    assert found.title == "ab"
    assert (found.sections[0].text, found.sections[0].heading) == ("xyz", ("h",))
    assert found.left_out == (LeftOut("pictures", 2, "Not read."),)


def test_a_reason_is_no_longer_than_a_person_reads(child: Replace) -> None:
    child(f"print({json.dumps({'code': 'broken', 'reason': 'x' * 5_000})!r})")
    with pytest.raises(Unreadable) as caught:
        LimitedParser().parse(b"x", "pdf", "a")
    assert len(caught.value.reason) == 300


def test_the_process_has_none_of_the_services_environment(child: Replace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    child("import os, json; print(json.dumps({'code': 'broken', 'reason': ' '.join(os.environ)}))")
    with pytest.raises(Unreadable) as caught:
        LimitedParser().parse(b"x", "pdf", "a")
    assert "DATABASE_URL" not in caught.value.reason


def test_no_more_processes_run_than_are_allowed(child: Replace, tmp_path: Any) -> None:
    child(
        "import os, time, json\n"
        f"place = {str(tmp_path)!r}; mine = f'{{place}}/{{os.getpid()}}'; open(mine, 'w').close(); time.sleep(0.2)\n"
        "seen = len(os.listdir(place)); os.unlink(mine)\n"
        "sections = [['x', [], '', 'prose']]\n"
        "print(json.dumps({'title': str(seen), 'pages': None, 'sections': sections, 'left_out': []}))"
    )
    parser = LimitedParser(at_once=2)
    seen: list[int] = []
    threads = [
        threading.Thread(target=lambda: seen.append(int(parser.parse(b"x", "text", "a").title))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 6
    assert max(seen) <= 2


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def eventually(done: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.01)


@pytest.mark.parametrize("ended_by", [signal.SIGSEGV, signal.SIGABRT])
def test_a_process_that_breaks_down_makes_a_broken_file(child: Replace, ended_by: signal.Signals) -> None:
    child(
        f"import os, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.kill(os.getpid(), {int(ended_by)})"
    )
    assert refused(LimitedParser()) == "broken"
