"""Large bodies take turns where the spool is full."""

from http_server.spool import Spool
from http_server.uploads import Uploads


class Upload:
    """Implements `Uploading` and records the calls."""

    def __init__(self, name: str, happened: list[str]) -> None:
        self._name, self._happened = name, happened
        self.received_bytes = 0

    def resume(self) -> None:
        self._happened.append(f"{self._name} resumes")

    def reject(self) -> None:
        self._happened.append(f"{self._name} is rejected")


def scene(used: int, max_body: int = 0) -> tuple[Spool, Uploads, list[Upload], list[str], list[float]]:
    spool, happened, now = Spool(100, max_body, max_body), list[str](), [0.0]
    spool.used_bytes = used
    return spool, Uploads(spool, 10.0, lambda: now[0]), [Upload(name, happened) for name in "abc"], happened, now


def test_all_uploads_read_while_the_spool_has_space() -> None:
    _, uploads, many, happened, _ = scene(99)
    assert [uploads.may_read(upload) for upload in many] == [True] * 3
    uploads.sweep()
    assert happened == []


def test_only_the_oldest_upload_reads_while_the_spool_is_full_and_the_next_one_after_it() -> None:
    spool, uploads, many, happened, _ = scene(100)
    assert [uploads.may_read(upload) for upload in many] == [True, False, False]
    uploads.remove(many[0])
    uploads.resume_waiting()
    assert happened == ["b resumes"]
    spool.used_bytes = 50
    uploads.resume_waiting()
    assert happened == ["b resumes", "c resumes"]


def test_a_slow_upload_is_rejected_only_while_others_wait() -> None:
    _, uploads, many, happened, now = scene(100)
    assert uploads.may_read(many[0])
    now[0] = 11.0
    uploads.sweep()
    assert happened == []
    assert not uploads.may_read(many[1])
    uploads.sweep()
    assert happened == ["a is rejected"]


def test_the_time_for_which_an_upload_had_to_wait_is_not_its_own() -> None:
    _, uploads, many, happened, now = scene(100)
    for upload in many:
        uploads.may_read(upload)
        upload.received_bytes = 10**9
    now[0] = 9.0
    uploads.sweep()
    uploads.remove(many[0])
    uploads.resume_waiting()
    now[0] = 18.0
    uploads.sweep()
    assert happened == ["b resumes"]


def test_a_fast_upload_that_stalls_is_rejected_after_the_grace() -> None:
    _, uploads, many, happened, now = scene(100)
    many[0].received_bytes = 10**9
    assert [uploads.may_read(upload) for upload in many] == [True, False, False]
    uploads.sweep()
    now[0] = 10.0
    uploads.sweep()
    assert happened == []
    now[0] = 10.1
    uploads.sweep()
    assert happened == ["a is rejected"]


def test_no_upload_is_resumed_whose_rest_would_not_fit() -> None:
    spool, uploads, many, happened, now = scene(130, max_body=30)
    many[0].received_bytes = 30
    assert [uploads.may_read(upload) for upload in many] == [True, False, False]
    uploads.remove(many[0])  # complete; it stays in the spool until it is handled
    for now[0] in (1.0, 60.0):
        uploads.sweep()
    assert happened == []
    spool.used_bytes -= 30
    uploads.resume_waiting()
    assert happened == ["b resumes"]
