"""A ticket's version names one state, and people's changes alone make an earlier one stale."""

from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api
from .test_consume import Inside


def test_what_machines_change_gives_another_tag_and_makes_no_earlier_one_stale(api: Api, made: ServiceDatabase) -> None:
    number = api.create()["id"]
    path = f"/api/tickets/{number}"
    Inside(made).route(number, 1)
    routed = api.call("GET", path, If_None_Match='"1"')
    assert (routed.status_code, routed.headers["ETag"], routed.json["version"]) == (200, '"2"', 2)
    assert api.call("GET", path, If_None_Match='"2"').status_code == 304
    assert api.call("PATCH", path, {"title": "x", "version": 3}).status_code == 409, "no such version yet"
    assert api.call("PATCH", path, {"title": "b"}, If_Match='"1"').headers["ETag"] == '"3"'
    for stale in ('"1"', '"2"'):
        assert api.call("PATCH", path, {"title": "c"}, If_Match=stale).status_code == 412
    Inside(made).route(number, 2)
    assert api.get(path)["version"] == 4
    assert api.call("PATCH", path, {"title": "c", "version": 2}).status_code == 409
    assert api.call("PATCH", path, {"title": "c", "version": 3}).json["version"] == 5
