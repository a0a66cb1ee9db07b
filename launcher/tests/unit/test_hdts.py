"""`smart-ticket hdts`: reading files of tickets, making messages, and what is said where there is no queue."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from external_kit.celery_messages import read_task
from launcher.cli import main
from launcher.commands.hdts import _message, read_tickets
from ticket_service.domain.hdts_signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign

TICKET = {"ticket_id": "HD-1", "title": "Grüße 🙁"}
OTHER = {"ticket_id": "HD-2"}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([TICKET, OTHER]),
        f"{json.dumps(TICKET)}\n\n{json.dumps(OTHER, ensure_ascii=False)}\n",
        f"\ufeff{json.dumps([TICKET, OTHER], indent=2)}",
    ],
)
def test_a_file_is_a_list_or_has_a_ticket_a_line(text: str) -> None:
    assert list(read_tickets(text.encode())) == [TICKET, OTHER]


def test_a_file_may_be_one_ticket_on_many_lines() -> None:
    assert list(read_tickets(json.dumps(TICKET, indent=2).encode())) == [TICKET]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff", "not UTF-8"),
        (b"7", "ticket 1 is not a JSON object"),
        (b'[{}, "a"]', "ticket 2 is not a JSON object"),
        (b'{"a": 1}\n{"a": ', "line 2 is not JSON"),
        (b'{"a": 1}\n[1]', "line 2 is not a JSON object"),
        (b"[" * 100_000, "line 1 is not JSON"),
    ],
)
def test_what_is_no_ticket_is_named(content: bytes, said: str) -> None:
    with pytest.raises(click.ClickException, match=said):
        list(read_tickets(content))


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("secret", ["", "a-secret"])
def test_a_message_can_be_read_as_ticket_service_reads_it(plain: bool, secret: str) -> None:
    message = _message(TICKET, plain, secret)
    task = read_task(message, message.body, ("ticket_data",))
    assert (task.payload, task.name is None) == (TICKET, plain)
    at = int(message.headers[TIMESTAMP_HEADER])
    assert message.headers.get(SIGNATURE_HEADER) == (sign(secret, at, message.body) if secret else None)


def run(folder: Path, *words: str, given: str = json.dumps(TICKET), **environment: Any) -> Result:
    names = ("HDTS_BROKER_URL", "RABBITMQ_URL", "RABBITMQ_HOST", "HDTS_QUEUE", "HDTS_SECRET")
    return CliRunner().invoke(
        main, ["--home", str(folder), "hdts", *words], input=given, env=dict.fromkeys(names) | environment
    )


@pytest.mark.parametrize("words", [("send", "-"), ("refused",), ("refused", "--send-again")])
def test_without_a_queue_it_says_what_to_do_on_standard_error(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run(tmp_path, *words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "POST /api/hdts/tickets" in done.stderr
    assert "--queue-url" in done.stderr


@pytest.mark.parametrize("content", ["", "\n \n", "[]", "\ufeff"])
@pytest.mark.parametrize("words", [("--http",), ("--queue-url", "amqp://127.0.0.1:1/")])
def test_a_file_without_a_ticket_is_an_error(tmp_path: Path, content: str, words: tuple[str, ...]) -> None:
    done = run(tmp_path, "send", "-", *words, given=content)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "the file has no ticket" in done.stderr


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (("--queue-url", "amqp://127.0.0.1:1/"), {}),
        ((), {"RABBITMQ_URL": "amqp://127.0.0.1:1/"}),
        ((), {"HDTS_BROKER_URL": "amqp://127.0.0.1:1/", "RABBITMQ_URL": "amqp://127.0.0.1:2/"}),
        ((), {"RABBITMQ_HOST": "127.0.0.1", "RABBITMQ_PORT": "1"}),
    ],
)
def test_a_broker_that_does_not_answer_is_said_in_a_sentence(
    tmp_path: Path, words: tuple[str, ...], environment: dict[str, str]
) -> None:
    done = run(tmp_path, "send", "-", *words, **environment)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: RabbitMQ can't be used: ")


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (("--queue-url", "http://x/"), {}, "amqp://"),
        ((), {"RABBITMQ_HOST": "x", "RABBITMQ_PORT": "many"}, "RABBITMQ_PORT"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(
    tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    done = run(tmp_path, "send", "-", *words, **environment)
    assert done.exit_code == 1
    assert said in done.stderr


@pytest.mark.parametrize(
    ("words", "shown"), [(("send", "--help"), "ticket_id"), (("refused", "--help"), "--send-again")]
)
def test_help_shows_what_is_needed(tmp_path: Path, words: tuple[str, ...], shown: str) -> None:
    done = run(tmp_path, *words)
    assert (done.exit_code, shown in done.stdout) == (0, True)


def test_by_http_a_refused_ticket_is_named_and_the_others_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def post(gateway: object, path: str, body: dict[str, Any], headers: object = None) -> dict[str, Any]:
        if not body["title"]:
            raise click.ClickException("400 invalid: title: Must not be blank.")
        return {"external_ticket_id": body["ticket_id"], "id": 7, "number": "TX20261130000007"}

    monkeypatch.setattr("launcher.client.Gateway.post", post)
    lines = "\n".join(json.dumps({"ticket_id": f"HD-{n}", "title": "" if n == 2 else "Grüße"}) for n in (1, 2, 3))
    words = ["--home", str(tmp_path), "--url", "http://127.0.0.1:1", "hdts", "send", "-", "--http"]
    done = CliRunner().invoke(main, words, input=lines)
    assert done.exit_code == 1
    for said in ("HD-1: ticket 7", "HD-2 (number 2): 400 invalid: title", "HD-3: ticket 7", "1 of 3 tickets"):
        assert said in done.output
