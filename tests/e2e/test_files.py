"""Files through the gateway: passed on while they come, stored, handed out, deleted; what is cut off is none."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
import requests

from tests.files import CONTENTS, pass_whole
from tests.stack import Stack, eventually

MIB = 1024 * 1024
PDF = b"%PDF-1.7\n%%EOF\n"
UPLOADS = 8
"""At once, of 24 MiB each: three of them are more than a service may take."""


def upload(stack: Stack, content: bytes, name: str, **headers: str) -> requests.Response:
    return requests.post(stack.url + "/api/files", files={"file": (name, content)}, headers=headers, timeout=60)


def test_a_file_goes_in_and_comes_out_and_is_gone(stack: Stack) -> None:
    content = PDF + b"x" * 3 * MIB
    first = upload(stack, content, "handbook.pdf")
    assert first.status_code == 201, first.text
    path = stack.url + first.headers["Location"]
    shown = requests.get(path, timeout=60).json()["item"]
    assert shown == first.json()["item"]
    assert shown in requests.get(stack.url + "/api/files", timeout=60).json()["items"]
    download = requests.get(path + "/content", timeout=60)
    assert download.content == content
    assert download.headers["Content-Disposition"].startswith("attachment;")
    assert download.headers["Content-Security-Policy"].startswith("sandbox;")
    assert download.headers["X-Content-Type-Options"] == "nosniff"
    assert upload(stack, PDF, "handbook.pdf").json()["item"]["version"] == 2
    assert requests.delete(path, timeout=60).status_code == 204
    assert requests.get(path + "/content", timeout=60).status_code == 404


@pytest.mark.parametrize("kind", CONTENTS)
def test_a_file_of_any_bytes_comes_out_as_it_went_in(stack: Stack, kind: str) -> None:
    pass_whole(stack.url, *CONTENTS[kind])


def test_the_largest_file_of_lines_passes_and_one_byte_more_does_not(stack: Stack) -> None:
    content = b"ab\r\n" * (25 * MIB // 4)
    pass_whole(stack.url, "large.txt", content)
    refused = upload(stack, content + b"x", "larger.txt")
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


def test_what_is_not_taken_is_a_problem_that_names_the_field(stack: Stack) -> None:
    refused = upload(stack, b"MZ" + bytes(100), "report.pdf")
    assert (refused.status_code, refused.headers["Content-Type"]) == (400, "application/problem+json")
    assert [error["field"] for error in refused.json()["errors"]] == ["file"]
    assert upload(stack, b"x" * 25 * MIB, "large.txt").status_code == 201
    assert upload(stack, b"x" * (25 * MIB + 1), "larger.txt").status_code == 413
    assert upload(stack, b"x" * 27 * MIB, "largest.txt").status_code == 413
    assert requests.get(stack.url + "/internal/files/0/content", timeout=60).status_code == 404


def test_a_body_without_a_length_is_taken_too(stack: Stack) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="chunked.txt"\r\n\r\n'
    pieces = iter([head, *[b"x" * MIB] * 3, b"\r\n--b--\r\n"])
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    sent = requests.post(stack.url + "/api/files", data=pieces, headers=headers, timeout=60)
    assert (sent.status_code, sent.json()["item"]["sizeBytes"]) == (201, 3 * MIB)


def test_a_client_that_hangs_up_leaves_no_file(stack: Stack) -> None:
    host, port = stack.url.removeprefix("http://").split(":")
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="half.txt"\r\n\r\n'
    for announced in (b"Content-Length: 3000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n200000\r\n"):
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            lines = b"POST /api/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            connection.sendall(lines + announced + head + b"x" * MIB)
    assert upload(stack, b"a later one", "later.txt").status_code in (200, 201)
    names = [item["name"] for item in requests.get(stack.url + "/api/files", timeout=60).json()["items"]]
    assert "half.txt" not in names


def memory(stack: Stack, service: str) -> float:
    """Return the megabytes that a service's processes hold for themselves."""
    parent = psutil.Process(stack.processes[service].pid)
    return sum(each.memory_full_info().uss for each in (parent, *parent.children(recursive=True))) / MIB


@pytest.mark.slow
def test_many_large_uploads_at_once_take_neither_gateway_nor_service_memory(stack: Stack) -> None:
    content = b"ab\r\n" * 6 * MIB
    assert upload(stack, content, "warm.txt").status_code in (200, 201)
    services = ("api-gateway", "ticket-service")
    before = {service: memory(stack, service) for service in services}
    most = dict(before)
    with ThreadPoolExecutor(UPLOADS) as pool:
        sent = [pool.submit(upload, stack, content + b"%d" % number, f"{number}.txt") for number in range(UPLOADS)]
        while not all(each.done() for each in sent):
            most = {service: max(most[service], memory(stack, service)) for service in services}
            time.sleep(0.02)  # Looking all the time would take the processor from what is looked at.
    assert [each.result().status_code for each in sent] == [201] * UPLOADS
    assert {service: most[service] - before[service] > 50 for service in services} == dict.fromkeys(services, False)
    for each in sent:
        requests.delete(stack.url + each.result().headers["Location"], timeout=60)
    eventually(lambda: requests.get(stack.url + "/api/files", timeout=60).ok)
