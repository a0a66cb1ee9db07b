"""Large bodies take turns where the spool is full."""

from http_server.spool import Spool
from http_server.uploads import Uploads


class Upload:
    """Implements `Uploading` and notes what happens to it."""

    def __init__(self, name: str, happened: list[str]) -> None:
        self._name, self._happened = name, happened

    def go_on(self) -> None:
        self._happened.append(f"{self._name} goes on")

    def end_body(self) -> None:
        self._happened.append(f"{self._name} is refused")


def setting(used: int) -> tuple[Spool, Uploads, list[Upload], list[str], list[float]]:
    spool, happened, now = Spool(100, 0), list[str](), [0.0]
    spool.used_bytes = used
    return spool, Uploads(spool, 10.0, lambda: now[0]), [Upload(name, happened) for name in "abc"], happened, now


def test_all_go_on_while_there_is_room() -> None:
    _, uploads, many, happened, _ = setting(99)
    assert [uploads.may_go_on(one) for one in many] == [True] * 3
    uploads.sweep()
    assert happened == []


def test_the_oldest_goes_on_where_there_is_none_and_the_next_one_after_it() -> None:
    spool, uploads, many, happened, _ = setting(100)
    assert [uploads.may_go_on(one) for one in many] == [True, False, False]
    uploads.ended(many[0])
    uploads.wake()
    assert happened == ["b goes on"]
    spool.used_bytes = 50
    uploads.wake()
    assert happened == ["b goes on", "c goes on"]


def test_a_slow_one_is_refused_while_others_wait_and_left_alone_while_none_does() -> None:
    _, uploads, many, happened, now = setting(100)
    assert uploads.may_go_on(many[0])
    now[0] = 11.0
    uploads.sweep()
    assert happened == []
    assert not uploads.may_go_on(many[1])
    uploads.sweep()
    assert happened == ["a is refused"]
